"""Nothing survives: however a grading ends, no process, mount, control group or temporary file of it is left.

The server that is graded leaves daemons behind that ignore every signal. The grading is ended while they run, in every way
in which a grading can end, the hardest last: the grader is killed, and can't clean up after itself.
"""

import json
import os
import random
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from conftest import rung_called
from test_hostile import HERE, ROOT, Canaries, folder_with

PATIENCE = 15
"""Seconds after which what should have gone long ago counts as left behind."""
RUNGS = ("full", "namespaces", "landlock", "limits")


class Grading:
    """A grading that runs, of the server that leaves daemons behind. Several at a time need folders `to` write to."""

    def __init__(self, canaries, rung, to="out"):
        self.canaries = canaries
        self.groups = groups()
        spec = canaries.folder / "spec"
        if not spec.exists():
            (spec / "reference").mkdir(parents=True)
            shutil.copy(HERE / "hostile" / "relay.yaml", spec)
            shutil.copy(HERE / "servers" / "relay_threads.py", spec / "reference")
            folder_with(canaries, "survives", rung)
        self.temporary = Path(tempfile.mkdtemp(prefix="temporary-", dir=canaries.folder))
        self.temporary.chmod(0o777)
        argv = [
            sys.executable, "-m", "grader", str(canaries.folder / "submission" / "hostile"), "--spec", str(spec / "relay.yaml"),
            "--out", str(canaries.folder / to), "--sandbox", rung,
        ]  # fmt: skip
        env = os.environ | {"TMPDIR": str(self.temporary)}
        self.process = subprocess.Popen(
            argv, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )  # fmt: skip

    def until_daemons_run(self):
        end = time.monotonic() + PATIENCE
        while not self.canaries.left_behind() and time.monotonic() < end:
            assert self.process.poll() is None, "it ended before it began"
            select.select([], [], [], 0.01)

    def ends(self, number):
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def left(self):
        """What there still is of it."""
        processes = [f"process {pid}" for pid in self.canaries.left_behind()]
        mounts = [m for m in Path("/proc/self/mounts").read_text().splitlines() if self.temporary.name in m]
        return [*processes, *mounts, *map(str, self.temporary.iterdir()), *sorted(groups() - self.groups)]

    def nothing_is_left(self):
        end = time.monotonic() + PATIENCE
        while (left := self.left()) and time.monotonic() < end:
            select.select([], [], [], 0.02)
        return left == [] or left


def groups():
    """The control groups of gradings that are not going on any more."""
    found = set()
    for folder in ("/sys/fs/cgroup", "/sys/fs/cgroup/memory", "/sys/fs/cgroup/pids"):
        if os.path.isdir(folder):
            names = [n for n in os.listdir(folder) if n.startswith("grade-")]
            found |= {f"{folder}/{n}" for n in names if not os.path.exists(f"/proc/{n.split('-')[1]}")}
    return found


@pytest.fixture
def canaries():
    made = Canaries()
    yield made
    made.close()


@pytest.mark.parametrize("rung", [pytest.param(r, marks=[pytest.mark.long] if r != "full" else []) for r in RUNGS])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_grading_that_is_ended_leaves_nothing(canaries, rung, number):
    rung_called(rung)
    grading = Grading(canaries, rung)
    grading.until_daemons_run()
    assert grading.ends(number) == (-9 if number == signal.SIGKILL else 130)
    assert grading.nothing_is_left() is True


@pytest.mark.parametrize("rung", [pytest.param(r, marks=[pytest.mark.long] if r != "full" else []) for r in RUNGS])
def test_a_grading_that_ends_by_itself_leaves_nothing_at_once(canaries, rung):
    rung_called(rung)
    grading = Grading(canaries, rung)
    assert grading.process.wait(60) == 0
    assert grading.left() == []


@pytest.mark.long
@pytest.mark.timeout(300)
def test_ten_graders_killed_at_any_moment_leave_nothing(canaries):
    rung_called("full")
    chance = random.Random(20)
    for _ in range(10):
        grading = Grading(canaries, "full")
        select.select([], [], [], chance.uniform(0.05, 1.5))
        grading.ends(signal.SIGKILL)
        assert grading.nothing_is_left() is True


@pytest.mark.parametrize("rung", [pytest.param(r, marks=[pytest.mark.long] if r != "full" else []) for r in RUNGS])
@pytest.mark.parametrize("number", ["SIGKILL", "SIGINT"])
def test_who_is_ended_while_a_box_starts_leaves_none_behind(rung, number):
    """Eighty moments within the start of a box: bubblewrap is two processes, and one of them may wait for the other."""
    rung_called(rung)
    argv = [sys.executable, str(HERE / "killed_boxes.py"), rung, number, "80", "0.008"]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert done.stdout == "80 ended\n", done.stdout + done.stderr


def opened(out):
    """The ports that the graded servers opened; below the rung of namespaces they are the machine's."""
    verdicts = json.loads((out / "hostile" / "results.json").read_text(encoding="utf-8"))["verdicts"]
    return {a["transcript"]["server"]["listening"] for v in verdicts for a in v["attempts"]} - {None}


def listening():
    """The ports on which somebody listens on this machine."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    return {int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == "0A"}


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_two_hundred_gradings_leave_nothing(canaries):
    """Four at a time in boxes with a network of their own; on the machine's network, one after the other."""
    rung_called("full")
    rung_called("landlock")
    gradings, ports = [], set()
    for turn in range(48):
        four = [Grading(canaries, "full", f"out-{n}") for n in range(4)]
        assert [g.process.wait(120) for g in four] == [0] * 4, turn
        gradings += four
    for _ in range(8):
        alone = Grading(canaries, "landlock")
        assert alone.process.wait(120) == 0
        ports |= opened(canaries.folder / "out")
        gradings.append(alone)
    assert len(gradings) == 200
    assert ports
    assert [left for g in gradings for left in g.left()] == []
    end = time.monotonic() + PATIENCE  # somebody else may have been given one of these numbers, for a moment
    while (held := ports & listening()) and time.monotonic() < end:
        select.select([], [], [], 0.1)
    assert held == set()

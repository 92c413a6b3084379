"""Whoever merely waits takes nobody's place: one more submission is graded where processors are idle, and only there."""

import shutil
import subprocess
import sys

import pytest
from class_rooms import EMPTY, SPEC, graded, laid_out, outcomes

from grader.course.class_grading import Begun, Graded
from grader.course.machine import Machine, Where
from grader.course.spare import Spare
from grader.course.workers import Workers

NOBODY = 2**22 + 1
"""The number of a process that there can't be."""
LATE = "import sys, time\ntime.sleep({})\nsys.exit(3)\n"


@pytest.fixture
def told(tmp_path):
    """Writes what the kernel tells: a process has used so many hundredths of a second, and the machine was idle for so many."""
    (tmp_path / str(NOBODY)).mkdir()

    def tell(used, idle):
        own = f"{NOBODY} (a ) name) S 1 1 1 0 -1 0 1 2 3 4 {used - 3} 1 1 1 20 0"
        (tmp_path / str(NOBODY) / "stat").write_text(own, encoding="ascii")
        (tmp_path / "stat").write_text(f"cpu  5 5 5 {idle} 5 5 5 5 0 0\ncpu0 1 1 1 1\n", encoding="ascii")
        return Where(tmp_path, tmp_path)

    return tell


@pytest.mark.parametrize(
    ("most", "used", "idle", "quota", "found"),
    [
        (1, 10, 100, "", True),
        (1, 90, 300, "", False),
        (1, 10, 10, "", False),
        (1, 40, 100, "50000 100000", False),
        (1, 40, 100, "max 100000", True),
        (1, 40, 100, "what is this", True),
    ],
    ids=["both idle", "it works", "others work", "the container has half a one", "the container has all", "unknown"],
)
def test_a_processor_is_spare_where_neither_they_nor_others_use_it(told, tmp_path, most, used, idle, quota, found):
    (tmp_path / "cpu.max").write_text(quota, encoding="ascii")
    spare = Spare(told(100, 1000))
    assert not spare.found([NOBODY], most, 50.0)
    told(100 + used, 1000 + idle)
    assert spare.found([NOBODY], most, 51.0) == found


def test_one_moment_says_nothing_nor_do_other_processes_than_before(told):
    spare = Spare(told(100, 1000))
    assert not spare.found([NOBODY], 1, 50.0)
    told(100, 1100)
    assert not spare.found([NOBODY], 1, 50.1)
    assert not spare.found([NOBODY + 1], 1, 51.0)
    told(100, 1200)
    assert spare.found([NOBODY + 1], 1, 52.0)
    assert not spare.found([NOBODY + 1], 1, 60.0)  # each begins one, and then it is seen what that one needs


def test_where_the_kernel_says_nothing_no_processor_is_spare(tmp_path):
    spare = Spare(Where(tmp_path, tmp_path))
    assert [spare.found([NOBODY], 2, now) for now in (1.0, 2.0, 3.0)] == [False] * 3


def test_what_a_process_has_started_counts_also_when_it_has_ended():
    burns = "import time\nwhile time.process_time() < 0.3: pass"
    starts = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {burns!r}])\nprint(flush=True)\ninput()"
    process = subprocess.Popen([sys.executable, "-c", starts], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        process.stdout.readline()
        assert Spare().used(process.pid) >= 0.29
    finally:
        process.communicate(b"\n")


def at_once(folder, seconds, workers):
    """How many submissions were graded at the same time, of those whose servers end after so many seconds; and the class."""
    handed_in = laid_out(folder, SPEC)
    shutil.rmtree(handed_in / EMPTY)
    for place in handed_in.iterdir():
        (place / "server.py").write_text(LATE.format(seconds), encoding="utf-8")
    news, running, most = [], 0, 0
    cohort = graded(folder, heard=news, executor=workers)
    for n in news:
        running += isinstance(n, Begun) - isinstance(n, Graded)
        most = max(most, running)
    return most, outcomes(cohort)


@pytest.mark.parametrize(("asked", "seconds", "most"), [pytest.param(2, 1.5, 3, marks=pytest.mark.long), (1, 0.3, 1)])
def test_while_those_under_way_only_wait_others_are_graded_but_for_whoever_asked_for_one(
    tmp_path, asked, seconds, most
):
    spare = Spare(enough=float("-inf"), shortest=0.01)  # however busy the machine is that this test runs on
    silent = Machine(Where(tmp_path, tmp_path))
    many, ended = at_once(tmp_path, seconds, Workers(asked, silent, spare))
    assert many == most
    assert list(ended.values()) == [["failed", "blocked", "blocked"]] * 3

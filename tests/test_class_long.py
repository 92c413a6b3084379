"""Many submissions: outcomes don't depend on how many run beside one another, nor on who is killed meanwhile."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from class_rooms import REFERENCE, SPEC, laid_out

HOME = Path(__file__).parent.parent
CHAT = HOME / "specs" / "chat.yaml"
MANY, SOAKED, KILLS, SEED = 60, 60, 10, 20261127

pytestmark = [pytest.mark.long, pytest.mark.timeout(3600)]


def is_racy(path: Path) -> bool:
    """Whether a mutant says of itself that it fails now and then."""
    return "Race:" in path.read_text(encoding="utf-8")[:600]


def many(folder: Path, count: int) -> Path:
    """So many different submissions, of Python: variants and mutants that are not racy, again and again."""
    sources = sorted([*(REFERENCE / "variants").glob("*.py"), *(REFERENCE / "mutants").glob("*.py")])
    sources = [path for path in sources if not is_racy(path)]
    for number in range(count):
        source = sources[number % len(sources)]
        place = folder / f"{number:03}-{source.stem}"
        place.mkdir(parents=True)
        shutil.copy(source, place / "server.py")
        (place / "number.txt").write_text(str(number), encoding="utf-8")
    return folder


def command(folder: Path, spec: Path, out: Path, jobs: int) -> list[str]:
    words = ["--spec", str(spec), "--out", str(out), "--seed", "7", "-j", str(jobs), "--lang", "en"]
    return [sys.executable, "-m", "grader", str(folder), *words]


def grade(*words: object) -> int:
    return subprocess.run(command(*words), cwd=HOME, stdout=subprocess.DEVNULL, check=False).returncode


def outcomes(out: Path) -> dict[str, list[tuple[str, str | None]]]:
    """How each check of each submission ended."""
    found = {}
    for path in sorted(out.glob("*/results.json")):
        verdicts = json.loads(path.read_text(encoding="utf-8"))["verdicts"]
        found[path.parent.name] = [(v["check"], v["outcome"]) for v in verdicts]
    return found


def test_the_outcomes_are_the_same_however_many_run_at_the_same_time(tmp_path):
    folder = many(tmp_path / "class", MANY)
    for jobs in (1, 2, 4, 8):
        grade(folder, CHAT, tmp_path / str(jobs), jobs)
    alone = outcomes(tmp_path / "1")
    assert len(alone) == MANY
    for jobs in (2, 4, 8):
        beside = outcomes(tmp_path / str(jobs))
        assert {k: (v, alone[k]) for k, v in beside.items() if v != alone[k]} == {}, f"-j {jobs}"


def children(pid: int, what: str) -> list[int]:
    """The children of a process that run this."""
    try:
        pids = [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
        return [n for n in pids if what.encode() in Path(f"/proc/{n}/cmdline").read_bytes()]
    except OSError:
        return []


class Killer(threading.Thread):
    """Kills a worker, or what a worker is doing, after each few more results."""

    def __init__(self, grader: subprocess.Popen[bytes], out: Path) -> None:
        super().__init__()
        self._grader, self._out, self._chance = grader, out, random.Random(SEED)
        self.killed = 0

    def run(self) -> None:
        after = 2
        while self._grader.poll() is None and self.killed < KILLS:
            done = len(list(self._out.glob("*/results.json")))
            victims = [
                w
                for worker in children(self._grader.pid, "grader.course.worker")
                for w in (worker, *children(worker, "grader.course.worker"))
            ]
            if done >= after and victims:
                after = done + self._chance.randint(1, 4)
                try:
                    os.kill(self._chance.choice(victims), signal.SIGKILL)
                    self.killed += 1
                except ProcessLookupError:
                    continue
            self.wait()

    def wait(self) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._grader.wait(0.05)  # until it ends; results come in between


def test_ten_killed_workers_and_a_killed_grader_change_no_outcome(tmp_path):
    laid_out(tmp_path, SPEC)
    folder = many(tmp_path / "class", SOAKED)
    spec = tmp_path / "spec.yaml"
    assert grade(folder, spec, tmp_path / "undisturbed", 2) == 0
    out = tmp_path / "disturbed"
    with subprocess.Popen(command(folder, spec, out, 2), cwd=HOME, stdout=subprocess.DEVNULL) as grader:
        killer = Killer(grader, out)
        killer.start()
        killer.join()
        grader.kill()
    assert killer.killed == KILLS
    assert 0 < len(outcomes(out)) < SOAKED
    before = {path: path.stat().st_mtime_ns for path in out.glob("*/results.json")}
    grade(folder, spec, out, 2)  # the same command again
    problems = [name for name, told in outcomes(out).items() if ("starts", "grader-problem") in told]
    assert problems == []
    assert outcomes(out) == outcomes(tmp_path / "undisturbed")
    assert sum(path.stat().st_mtime_ns == when for path, when in before.items()) >= len(before) - KILLS
    assert list(out.glob("*/.results.json.*")) == []  # a half-written file does not stay for ever

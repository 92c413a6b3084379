"""Many submissions: outcomes don't depend on how many run beside one another, nor on who is killed meanwhile."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from class_rooms import REFERENCE

HOME = Path(__file__).parent.parent
CHAT = HOME / "specs" / "chat.yaml"
MANY, SOAKED, KILLS = 60, 30, 4

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


def test_killed_workers_and_a_killed_grader_change_no_result(tmp_path):
    """Ten of them and two hundred submissions, as it stands by itself: `bench/soak.py`."""
    words = ["--count", str(SOAKED), "--kills", str(KILLS), "--keep", str(tmp_path / "soak")]
    said = subprocess.run(
        [sys.executable, str(HOME / "bench" / "soak.py"), *words], capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stdout + said.stderr

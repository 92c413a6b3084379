"""What the grader falls over is a grader problem: what was earned stands, the page is written, and nobody pays.

The machine runs out of file descriptors at some moment or other of the grading: an error that comes up wherever the grader
happens to open something, which is what an error that nobody foresaw looks like.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from needs import needs

from grader.course.entry import find
from grader.course.stumbles import stumbled

TREE = Path(__file__).resolve().parent.parent
CHECKS = ("starts", "connects", "broadcast", "five-clients")


def graded_with(descriptors: int, out: Path) -> tuple[list[dict[str, object]], str]:
    """Grade the good sample with so many file descriptors; what each check came to, and what stood on standard error."""

    def few() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))

    only = [part for check in CHECKS for part in ("--only", check)]
    done = subprocess.run(
        [sys.executable, "-m", "grader", "submissions/bruno", "--lang", "en", "--out", str(out), *only],
        cwd=TREE, preexec_fn=few, capture_output=True, text=True, timeout=100, check=False, env=dict(os.environ),
    )  # fmt: skip
    checks = json.loads((out / "bruno" / "results.json").read_text(encoding="utf-8"))["verdicts"]
    assert (out / "bruno" / "report.html").is_file()
    return [check for check in checks if check["check"] in CHECKS], done.stderr


@pytest.mark.parametrize("descriptors", [24, *(pytest.param(n, marks=pytest.mark.long) for n in range(20, 60, 8))])
def test_a_grader_that_runs_out_of_descriptors_charges_nobody_and_says_so(descriptors: int, tmp_path: Path) -> None:
    needs("bwrap")
    checks, errors = graded_with(descriptors, tmp_path)
    assert {check["outcome"] for check in checks} <= {"passed", "grader-problem"}
    assert all(check["findings"] for check in checks if check["outcome"] == "grader-problem")
    assert "Traceback" not in errors
    if descriptors < 30:
        said = str([check["findings"] for check in checks])
        assert "Too many open files" in said
        assert "grader/" in said, "the place in the grader stands there"


def test_a_stumble_names_the_last_line_that_is_ours() -> None:
    with pytest.raises(OSError, match="nowhere") as foreign:
        Path("/nowhere/at/all").read_text(encoding="utf-8")
    assert "grader/" not in str(stumbled(foreign.value).facts["what"]), "no line of the grader was under way"
    with pytest.raises(TypeError) as ours:
        find(None, None)  # type: ignore[arg-type]
    assert "(grader/course/entry.py:" in str(stumbled(ours.value).facts["what"])

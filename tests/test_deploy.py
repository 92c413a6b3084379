"""The files that start the grader elsewhere: their form, the options that they use, and Gradescope's script for real."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from needs import needs

from grader.cli.commands import grade

TREE = Path(__file__).parent.parent
DEPLOY = TREE / "docs" / "deploy"
GRADESCOPE = DEPLOY / "gradescope" / "run_autograder"
WRITTEN = [*sorted(p for p in DEPLOY.rglob("*") if p.is_file()), TREE / "docs" / "SCALE.md"]
OURS = re.compile(r"""(?:^|[\s"/`'$])grade"?((?:[ \t]+(?:"[^"\n]*"|[^\s`#&|()]+))+)""", re.MULTILINE)
OTHERS = {"serve", "doctor", "prove", "spec", "report", "import"}


def options() -> set[str]:
    return {option for parameter in grade.params for option in parameter.opts} | {"--help"}


def used(text: str) -> list[str]:
    """The options of every command of ours in a text."""
    found = []
    for match in OURS.finditer(text.replace("\\\n", " ")):
        words = shlex.split(match[1], posix=True) if match[1].count('"') % 2 == 0 else match[1].split()
        if words and words[0] not in OTHERS:
            found += [w.split("=")[0] for w in words if re.match(r"--?[a-z]", w)]
    return found


@pytest.mark.parametrize("path", WRITTEN, ids=lambda p: p.name)
def test_every_option_that_is_used_exists(path):
    assert set(used(path.read_text(encoding="utf-8"))) - options() == set()


def test_an_option_that_does_not_exist_would_be_found():
    assert set(used('"$grade" x --spec y --no-such-thing 3\n')) - options() == {"--no-such-thing"}
    assert len([option for path in WRITTEN for option in used(path.read_text(encoding="utf-8"))]) > 10


@pytest.mark.parametrize("path", [p for p in WRITTEN if p.suffix in (".yml", ".yaml")], ids=lambda p: p.name)
def test_what_is_yaml_can_be_read_as_it(path):
    parts = list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
    assert all(isinstance(part, dict) for part in parts)
    assert parts


@pytest.mark.parametrize(
    "path", [p for p in WRITTEN if "bash" in p.read_text().split("\n", 1)[0]], ids=lambda p: p.name
)
def test_what_is_a_script_can_be_read_and_started(path):
    needs("bash")
    assert subprocess.run(["bash", "-n", path], capture_output=True, check=False).returncode == 0
    assert os.access(path, os.X_OK)


def autograded(top: Path, submission: str) -> subprocess.CompletedProcess[str]:
    """Gradescope's script, run as Gradescope would, in a tree of its own."""
    needs("bash")
    (top / "source").mkdir(parents=True)
    shutil.copytree(TREE / "submissions" / submission, top / "submission")
    shutil.copytree(TREE / "reference" / "echo", top / "source" / "reference" / "echo")
    (top / "source" / "specs").mkdir()
    shutil.copy(TREE / "specs" / "echo.yaml", top / "source" / "specs")
    command = top / "grade"
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m grader "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    given = {**os.environ, "AUTOGRADER": str(top), "GRADE": str(command), "PYTHONPATH": str(TREE)}
    return subprocess.run(
        [GRADESCOPE], env=given, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )


@pytest.mark.long
@pytest.mark.timeout(300)
def test_gradescope_gets_results_of_a_graded_submission(tmp_path):
    ran = autograded(tmp_path / "autograder", "alice")
    assert ran.returncode == 0, ran.stderr
    plain = json.loads((tmp_path / "autograder" / "results" / "results.json").read_text(encoding="utf-8"))
    assert {test["name"] for test in plain["tests"]}
    assert plain["tests"][0]["max_score"] > 0


def test_gradescope_gets_no_number_where_the_grader_could_not_run(tmp_path):
    top = tmp_path / "autograder"
    (top / "source").mkdir(parents=True)
    ran = subprocess.run(
        [GRADESCOPE], env={**os.environ, "AUTOGRADER": str(top), "GRADE": "/bin/false"}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert ran.returncode == 1
    assert "Run the autograder again" in ran.stdout
    assert not (top / "results" / "results.json").exists()

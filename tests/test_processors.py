"""A crowd is served by a Python server on one processor; everything else by any server on all that there are."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from needs import forbidden
from plays import codes, relay

from grader import results
from grader.cli.main import run
from grader.model import Outcome
from grader.stage.processors import bind

SERVERS = Path(__file__).parent / "servers"
ALL = len(os.sched_getaffinity(0))
MANY = "c1..c65 (connects)\nc1, c33, c65 > how many\nc1, c33, c65 < {}"
FEW = "c1..c3 (connects)\nc1, c3 > how many\nc1, c3 < {}"


@pytest.fixture(autouse=True)
def several():
    if ALL < 2:
        forbidden("run anything on a second processor")


@pytest.mark.parametrize(
    ("play", "kind", "processors"),
    [
        (MANY, "", 1),
        (MANY, "before", 1),
        (MANY, "forks", ALL),  # each process has a lock of its own
        (FEW, "", ALL),  # here threads may come in between each other wherever they can
        (FEW, "before", ALL),
    ],
)
def test_only_a_crowd_is_served_on_one_processor(stand, play, kind, processors):
    judged = stand.conduct_and_judge(relay(play.format(processors)), f"python3 processors.py <port> {kind}")
    assert (judged.outcome, codes(judged.findings)) == (Outcome.PASSED, [])


def test_the_next_server_has_all_of_them_again(stand):
    for play, processors in ((MANY, 1), (FEW, ALL)):
        judged = stand.conduct_and_judge(relay(play.format(processors)), "python3 processors.py <port>")
        assert (judged.outcome, codes(judged.findings)) == (Outcome.PASSED, [])


def test_a_server_that_lives_on_keeps_them_all_for_the_checks_that_follow(tmp_path):
    run_by = "python3 processors.py <port>"
    checks = [{"id": name, "points": 5, "play": play.format(ALL)} for name, play in (("many", MANY), ("few", FEW))]
    spec = {
        "title": "Processors",
        "server": {"run": run_by, "life": "submission"},
        "reference": {"folder": str(SERVERS), "run": run_by},
        "checks": checks,
    }
    (tmp_path / "spec.yaml").write_text(json.dumps(spec), encoding="utf-8")
    (tmp_path / "sub").mkdir()
    shutil.copy(SERVERS / "processors.py", tmp_path / "sub")
    run([str(tmp_path / "sub"), "--spec", str(tmp_path / "spec.yaml"), "--out", str(tmp_path), "--lang", "en"])
    grade = results.load((tmp_path / "sub" / "results.json").read_text(encoding="utf-8"))
    assert [v.outcome for v in grade.verdicts] == [Outcome.PASSED, Outcome.PASSED]


def test_what_is_no_python_program_keeps_all_processors():
    with subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE) as program:
        assert not bind([program.pid])
        assert len(os.sched_getaffinity(program.pid)) == ALL


def test_several_processes_keep_all_processors_and_one_that_has_ended_is_none():
    waits = [sys.executable, "-c", "input()"]
    with subprocess.Popen(waits, stdin=subprocess.PIPE) as one, subprocess.Popen(waits, stdin=subprocess.PIPE) as other:
        assert not bind([one.pid, other.pid])
        assert [len(os.sched_getaffinity(p.pid)) for p in (one, other)] == [ALL, ALL]
    assert not bind([one.pid])
    assert not bind([])

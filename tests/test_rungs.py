"""Every way to start a server, and everything that a play can do with it, on each rung of the ladder that works here."""

import shutil
from pathlib import Path

import pytest
import test_console
import test_datagrams
from conftest import rung_called
from plays import SEED, codes
from test_launchers import GIVEN, LISTENS, RUN, TWO

from grader.conduct.performers import conduct
from grader.course.entry import find
from grader.course.subject import Subject
from grader.judge.verdict import judge
from grader.model import Command, Evidence, Outcome
from grader.spec.load import load
from grader.stage import staging

RUNGS = ("full", "namespaces", "landlock", "limits")
LOWER = RUNGS[1:]
ROOT = Path(__file__).parent.parent
WAYS = {
    **{name: (LISTENS, command) for name, command in GIVEN.items()},
    "two ports": (TWO, Command(f"{RUN} two <port> <port2>")),
    "datagrams": (test_datagrams.PLAYS["stores"], Command(test_datagrams.RUN)),
    "datagrams, lost and sent again": (test_datagrams.PLAYS["lost, and sent again"], Command(test_datagrams.RUN)),
    "its console": (test_console.WHOLE, Command("python3 console.py <port>")),
    "all addresses": (LISTENS, Command(f"{RUN} at 0.0.0.0 <port>")),
    "all addresses of IPv6": (LISTENS, Command(f"{RUN} at :: <port>")),
    "the machine's name": (LISTENS, Command(f"{RUN} at hostname <port>", host="any")),
}
FAULTY = {
    "another port": (LISTENS, Command(f"{RUN} fixed"), "wrong-port"),
    "no variable": (LISTENS, Command(f"{RUN} environment"), "exited-early"),
    "deaf to datagrams": (test_datagrams.PLAYS["stores"], Command(f"{test_datagrams.RUN} deaf"), "never-came"),
    "datagrams twice": (test_datagrams.PLAYS["stores"], Command(f"{test_datagrams.RUN} twice"), "came-unasked"),
    "silent at its console": (test_console.WHOLE, Command("python3 console.py <port> silent"), "never-printed"),
}


def played(stand, case, command):
    argv = command.run.split()
    told = conduct(case.check, case.spec, stand.box, argv, stand.port, seed=SEED, subject="submission", command=command)
    return judge(case.check, case.spec, told)


@pytest.mark.long
@pytest.mark.parametrize("name", WAYS)
def test_a_correct_server_passes_on_every_lower_rung(lower_stand, name):
    judged = played(lower_stand, *WAYS[name])
    assert (judged.outcome, codes(judged.findings)) == (Outcome.PASSED, [])


@pytest.mark.long
@pytest.mark.parametrize("name", FAULTY)
def test_a_faulty_one_is_told_what_is_wrong_on_every_lower_rung(lower_stand, name):
    case, command, code = FAULTY[name]
    judged = played(lower_stand, case, command)
    assert codes(judged.findings)[0] == code


@pytest.mark.parametrize("rung", [pytest.param(r, marks=pytest.mark.long if r != "landlock" else ()) for r in LOWER])
def test_a_client_that_is_a_program_is_graded_on_every_lower_rung(tmp_path, rung):
    shutil.copy(ROOT / "reference" / "chat_client.py", tmp_path / "client.py")
    spec = load(ROOT / "specs" / "client.yaml")
    staged, _ = staging.stage(tmp_path)
    subject = Subject(staged, spec, rung_called(rung), find(tmp_path, spec.server), "submission", SEED)
    try:
        made = [subject.attempt(check) for check in spec.checks[:4]]
    finally:
        subject.close()
        staging.remove(staged)
    assert [codes(a.findings) for a in made] == [[]] * len(made)
    assert {a.evidence for a in made} <= {Evidence.QUIET, Evidence.SEEN}

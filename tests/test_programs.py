"""Clients that are programs: typed to and read at their terminals, against the course's server, and judged by what they show."""

import contextlib
import json
import shutil
from pathlib import Path

import pytest
from conftest import rung_called
from plays import codes

from grader.course.entry import find
from grader.course.subject import Subject
from grader.errors import SpecError
from grader.model import Evidence, Outcome
from grader.spec.load import load
from grader.stage import staging

ROOT = Path(__file__).parent.parent
SPEC = load(ROOT / "specs" / "client.yaml")
GOOD = {"reference": ROOT / "reference" / "chat_client.py", "select": ROOT / "reference/client/variants/select-loop.py"}
FAULTS = {
    ("waits-for-a-key", "shows"): ("never-shown", "program-stays"),
    ("shows-twice", "once"): ("came-unasked",),
    ("only-ascii", "letters"): ("never-shown", "program-exited"),
    ("deaf-to-the-end", "leaves"): ("never-came",),
    ("never-ends", "hung-up"): ("program-stays",),
    ("ends-with-an-error", "hung-up"): ("program-status",),
    ("another-port", "enters"): ("program-exited",),
}


@pytest.fixture
def attempts(tmp_path):
    """Plays checks of the client's spec with a program, one after the other."""
    with contextlib.ExitStack() as ends:

        def play(source, *ids):
            shutil.copy(source, tmp_path / "client.py")
            staged, _ = staging.stage(tmp_path)
            ends.callback(staging.remove, staged)
            subject = Subject(staged, SPEC, rung_called("full"), find(tmp_path, SPEC.server), "submission", 7)
            ends.callback(subject.close)
            return [subject.attempt(c) for c in SPEC.checks if not ids or c.id in ids]

        yield play


@pytest.mark.parametrize("name", GOOD)
def test_a_correct_client_passes_everything(attempts, name):
    made = attempts(GOOD[name])
    assert [codes(a.findings) for a in made] == [[]] * len(SPEC.checks)
    assert {a.evidence for a in made} <= {Evidence.QUIET, Evidence.SEEN}


@pytest.mark.parametrize(("name", "check"), FAULTS)
def test_a_fault_of_a_client_is_found_and_told_as_its_own(attempts, name, check):
    (attempt,) = attempts(ROOT / "reference" / "client" / "mutants" / f"{name}.py", check)
    assert attempt.outcome is Outcome.FAILED
    assert codes(attempt.findings)[0] in FAULTS[name, check]
    assert attempt.evidence in (Evidence.QUIET, Evidence.SEEN)


def test_what_stood_on_its_screen_is_told(attempts):
    (attempt,) = attempts(ROOT / "reference" / "client" / "mutants" / "another-port.py", "enters")
    (finding,) = attempt.findings
    assert finding.facts["status"] == 1
    assert finding.facts["shown"][-1].startswith("ConnectionRefusedError")


MISTAKES = {
    "ana is a program: (freezes) is none of its acts": {"play": "ana (freezes)"},
    "beto is no program: (exits) is an act of programs": {"play": "beto (exits)"},
    "There is no file": {"course": "nowhere.py"},
}


@pytest.mark.parametrize("said", MISTAKES)
def test_what_makes_no_sense_is_complained_of(tmp_path, said):
    changed = MISTAKES[said]
    spec = {
        "title": "T",
        "program": {"run": "python3 client.py <host> <port> <name>", "played_by": ["ana"]},
        "server": {
            "run": "python3 course/server.py <port>",
            **({"course": changed["course"]} if "course" in changed else {}),
        },
        "reference": {"folder": ".", "run": "python3 client.py <host> <port> <name>"},
        "checks": [{"id": "it", "points": 1, "clients": ["ana", "beto"], "play": changed.get("play", "ana < hola")}],
    }
    (tmp_path / "spec.yaml").write_text(json.dumps(spec))
    with pytest.raises(SpecError) as caught:
        load(tmp_path / "spec.yaml")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("fault", "loses"), [("", []), ("tcp", ["turns-round"]), ("forgets", ["turns-round"]), ("raw", ["turns-round"])]
)
def test_a_client_may_speak_over_tcp_and_in_datagrams(tmp_path, fault, loses):
    spec = load(ROOT / "tests" / "specs" / "reversed.yaml")
    shutil.copy(ROOT / "tests" / "servers" / "reversed.py", tmp_path)
    (tmp_path / "submission.yaml").write_text(f"run: python3 reversed.py client <host> <port> hola {fault}\n")
    with contextlib.ExitStack() as ends:
        staged, _ = staging.stage(tmp_path)
        ends.callback(staging.remove, staged)
        subject = Subject(staged, spec, rung_called("full"), find(tmp_path, spec.server), "submission", 7)
        ends.callback(subject.close)
        made = {c.id: subject.attempt(c) for c in (spec.checks if not fault else spec.checks[:1])}
    assert [name for name, attempt in made.items() if attempt.findings] == loses
    assert {a.evidence for a in made.values()} <= {Evidence.QUIET, Evidence.SEEN}

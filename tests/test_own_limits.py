"""What one check says otherwise than the spec: how much its server may use, when silence counts; and how long a line may be."""

import pytest
from plays import codes, relay

from grader.conduct.performers import conductor_for
from grader.model import Outcome

LINES = {"max_line": 64}
LONG = relay(
    "ana > <long 63>\nbeto < <long 63>\nana > <long 64>\nbeto (nothing)\nana < too long", "ana", "beto", protocol=LINES
)
FEW = relay("c1 > hola\nc2..c12 < hola", *(f"c{n}" for n in range(1, 13)), limits={"processes": 8})
MANY = relay("c1 > hola\nc2..c12 < hola", *(f"c{n}" for n in range(1, 13)), limits={"processes": 64})
PATIENT = relay("ana > once 1200\nana < heartbeat", "ana", quiet={"horizon": "5s"})
HASTY = relay("ana > once 1200\nana < heartbeat", "ana", quiet={"horizon": "300ms"})
RELAY, BEATS = "python3 limited.py <port>", "python3 heartbeat.py <port>"


@pytest.mark.parametrize(("case", "run"), [(LONG, RELAY), (FEW, RELAY), (MANY, f"{RELAY} threads"), (PATIENT, BEATS)])
def test_a_server_that_keeps_to_it_passes(stand, case, run):
    judged = stand.conduct_and_judge(case, run)
    assert (judged.outcome, codes(judged.findings), codes(judged.remarks)) == (Outcome.PASSED, [], [])


@pytest.mark.parametrize(
    ("case", "run", "code"),
    [
        (LONG, f"{RELAY} any", {"broken-long-line"}),
        (FEW, f"{RELAY} threads", {"limit-processes", "exited"}),  # it may have ended before its threads are counted
        (PATIENT, f"{BEATS} 10", {"never-came"}),
        (HASTY, BEATS, {"never-came"}),
    ],
)
def test_one_that_does_not_is_caught(stand, case, run, code):
    judged = stand.conduct_and_judge(case, run)
    assert judged.outcome is Outcome.FAILED
    assert codes(judged.findings)[0] in code


def test_a_line_is_too_long_by_its_bytes(stand):
    case = relay("ana > ñññññññññññññññññññññññññññññññ\nbeto < <*>", "ana", "beto", protocol={"max_line": 62})
    (found,) = stand.conduct_and_judge(case, RELAY).findings
    assert (found.code, found.facts["limit"]) == ("broken-long-line", 62)


def test_a_check_that_says_nothing_has_what_the_spec_says(stand):
    case = relay("ana > x", "ana")
    made = conductor_for(case.check, case.spec, stand.box, [], 1, seed=1, subject="submission")
    assert made._spec is case.spec

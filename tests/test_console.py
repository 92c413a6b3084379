"""The server's own terminal in a play: what is typed at it, what it prints there, and how it ends."""

import pytest
from plays import codes, relay

from grader.model import Evidence, Kind, Outcome

PLAY = """\
server (prints operator:<*>)
server (prints somebody came, 2 are here)
server > say closing time
ana, beto < * closing time
ana > good night
server (prints heard <what>)
server > count
server (prints <*>there are <number 2..2>)
beto > <what>
server (prints heard good night)
server > exit
server (prints bye)
server (exits 0)
ana, beto (is disconnected)
"""
WHOLE = relay(PLAY, "ana", "beto")
FAULTS = {"silent": "never-printed", "deaf": "never-printed", "status": "wrong-status", "stays": "did-not-exit"}


def test_what_is_typed_and_printed_stands_in_the_transcript_at_its_time(stand):
    judged = stand.conduct_and_judge(WHOLE, "python3 console.py <port>")
    assert (judged.outcome, codes(judged.findings)) == (Outcome.PASSED, [])
    told = [(e.kind, e.data) for e in judged.transcript.events if e.kind in (Kind.TYPED, Kind.RECEIVED, Kind.SENT)]
    assert told[:2] == [(Kind.TYPED, b"say closing time\n"), (Kind.RECEIVED, b"* closing time\n")]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_the_console_is_found_on_good_evidence(stand, fault):
    judged = stand.conduct_and_judge(WHOLE, f"python3 console.py <port> {fault}")
    assert (judged.outcome, codes(judged.findings)[0]) == (Outcome.FAILED, FAULTS[fault])
    assert judged.evidence in (Evidence.QUIET, Evidence.SEEN)


def test_what_it_printed_instead_is_told(stand):
    judged = stand.conduct_and_judge(relay("server (prints 3 are here)", "ana"), "python3 console.py <port>")
    (finding,) = judged.findings
    assert (finding.code, finding.facts) == (
        "never-printed",
        {"text": "3 are here", "printed": ["somebody came, 1 are here"]},
    )

"""What a server leaves behind when its last client has gone: a remark on proof, and none for any correct server."""

import pytest
from plays import chat, codes, relay
from test_quiet import CORRECT, needed
from test_ready_made import asked

from grader.judge.tidy import left, left_everywhere
from grader.model import SERVER, Cause, Event, Evidence, Finding, Kind, Outcome, Verdict

TALK = relay("ana > hola\nbeto, caro < hola", "ana", "beto", "caro")
GOES = relay("ana > hola\nbeto, caro < hola\nana (leaves)\nbeto > uno\ncaro < uno", "ana", "beto", "caro")
STOPS = relay("ana > hola\nbeto < hola\nserver (gets SIGTERM)\nserver (stops)", "ana", "beto")
POOL = "python3 relay_pool.py <port>"
JAVA_POOL = "java -Xshare:auto -cp . RelayPool <port>"
OTHERS = {"a pool": POOL, "a pool in Java": JAVA_POOL, "the reference": "python3 chat_server.py <port>"}


def noted(transcript):
    """What the audit behind the end of a check says, by name."""
    told = [e.note for e in transcript.events if e.note.startswith("audit ")]
    return {name: int(value) for name, value in (pair.split("=") for pair in told[-1].split()[1:])} if told else {}


KEEPS = {"multiprocessing"}
"""Right in all that it says to its clients, and yet it never closes its copy of a connection."""


@pytest.mark.parametrize("server", [name for name in (*CORRECT, *OTHERS) if name not in KEEPS])
def test_a_correct_server_has_no_remark(stand, server):
    if server in CORRECT:
        needed(stand, server)
    elif server == "a pool in Java":
        stand.built("javac RelayPool.java")
    of_chat = chat("ana > hola\nbeto < ana: hola", "ana", "beto")
    for case in (of_chat,) if server == "the reference" else (TALK, GOES):
        judged = stand.conduct_and_judge(case, {**CORRECT, **OTHERS}[server])
        assert (judged.outcome, codes(judged.findings), codes(judged.remarks)) == (Outcome.PASSED, [], [])


@pytest.mark.parametrize(
    ("fault", "case", "code", "facts"),
    [
        ("keeps", TALK, "left-open", {"count": 3, "of": 3}),
        ("keeps", GOES, "left-open", {"count": 3, "of": 3}),
        ("multiprocessing", TALK, "left-open", {"count": 3, "of": 3}),
        ("spins", TALK, "left-busy", None),
        ("outlived", STOPS, "left-outlived", {"count": 1}),
    ],
)
def test_what_is_left_is_a_remark_that_costs_nothing(stand, fault, case, code, facts):
    judged = stand.conduct_and_judge(case, CORRECT.get(fault) or f"{POOL} {fault}")
    assert (judged.outcome, codes(judged.findings), codes(judged.remarks)) == (Outcome.PASSED, [], [code])
    assert judged.evidence in (Evidence.SEEN, Evidence.QUIET)
    if facts:
        assert judged.remarks[0].facts == facts
    else:
        assert judged.remarks[0].facts["spent"] >= 200


def test_what_was_counted_stands_in_the_transcript(stand):
    told = noted(stand.conduct_and_judge(TALK, POOL).transcript)
    assert (told["processes"], told["ports"], told["ended"], told["open"]) == (1, 1, 0, 0)
    assert told["threads"] == 4  # the pool's, which are no leak


def test_a_server_that_ends_in_good_order_leaves_nothing(stand):
    judged = stand.conduct_and_judge(STOPS, POOL)
    assert (judged.outcome, codes(judged.remarks)) == (Outcome.PASSED, [])


def test_a_fixed_pool_of_java_keeps_no_thread_of_anybody(stand, tmp_path):
    """Each of its first clients makes a thread more; a look at three waves alone would take that for a leak."""
    stand.built("javac RelayPool.java")
    judged = stand.conduct_and_judge(asked("hygiene", tmp_path, clients=4), JAVA_POOL)
    assert (judged.outcome, codes(judged.findings)) == (Outcome.PASSED, [])


def audit(**facts):
    told = " ".join(f"{name}={value}" for name, value in facts.items())
    return Event(1.0, SERVER, Kind.NOTED, note=f"audit {told}")


def test_the_judge_reads_what_stands_behind_the_end_alone():
    events = [
        audit(open=3, of=3),
        Event(0.5, SERVER, Kind.NOTED, note="end"),
        audit(open=1, of=2, spent=310, outlived=0),
    ]
    assert codes(left(events, 1)) == ["left-open", "left-busy"]
    assert left(events[:2], 1) == []


def test_the_remarks_of_many_checks_are_told_in_one():
    check = TALK.check
    remarks = [Finding("left-open", {"count": n, "of": 4}, (9,)) for n in (1, 3, 2)]
    told = left_everywhere([Verdict(check, Outcome.PASSED, 1.0, remarks=(r, Finding("echo"))) for r in remarks])
    assert [(f.code, dict(f.facts)) for f in told] == [("left-open", {"count": 3, "of": 4, "checks": 3})]


def test_what_a_cause_tells_is_not_remarked_on_as_well():
    held, spun = Finding("left-open", {"count": 1, "of": 4}, (9,)), Finding("left-busy", {"spent": 310}, (9,))
    verdicts = [Verdict(TALK.check, Outcome.FAILED, 0.0, remarks=(held, spun))]
    assert codes(left_everywhere(verdicts)) == ["left-open", "left-busy"]
    assert codes(left_everywhere(verdicts, [Cause("busy-loop", ("talk",))])) == ["left-open"]
    assert codes(left_everywhere(verdicts, [Cause("deadlock", ("talk",))])) == ["left-open", "left-busy"]

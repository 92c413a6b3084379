"""Clients that acknowledge what comes by themselves, or do not: what a server makes of it is seen, over datagrams and over connections."""

import pytest
from plays import codes, relay

from grader.errors import SpecError
from grader.model import Evidence, Kind, Outcome, Protocol
from grader.wire.acknowledging import Acknowledging
from grader.wire.framings import framing

UDP = {"transport": "udp", "repeats": "ignored", "acknowledge": {"msg <which>": "confirm <which>"}}
COUNTED = {**UDP, "repeats": "count"}
MESSAGES = {
    "read": {"op": "u16 = 1", "file": "text to zero", "mode": "text to zero"},
    "data": {"op": "u16 = 3", "block": "u16", "data": "bytes"},
    "ack": {"op": "u16 = 4", "block": "u16"},
}
ALL = relay(
    "ana > post a 3\nana < msg a1\nana < msg a2\nana < msg a3\nana < done a\nana (nothing)", "ana", protocol=UDP
)
NONE = relay(
    "ana (does not acknowledge)\nana > post a 2\nana < msg a1  4 times\nana (nothing)", "ana", protocol=COUNTED
)
AGAIN = relay(
    "ana (does not acknowledge)\nana > post a 2\nana < msg a1\nana (nothing)\n"
    "ana (acknowledges)\nana > post b 1\nana < msg b1\nana < done b",
    "ana",
    protocol=UDP,
)
RUN = "python3 confirming.py <port>"


@pytest.mark.parametrize("case", [ALL, NONE, AGAIN])
def test_a_server_that_waits_to_be_acknowledged_passes(stand, case):
    judged = stand.conduct_and_judge(case, RUN)
    assert (judged.outcome, codes(judged.findings)) == (Outcome.PASSED, [])


@pytest.mark.parametrize(
    ("case", "fault", "code"),
    [
        (ALL, "deaf", "never-came"),
        (NONE, "once", "never-came"),
        (NONE, "hasty", "came-instead"),
        (AGAIN, "hasty", "came-unasked"),
    ],
)
def test_one_that_does_not_is_caught(stand, case, fault, code):
    judged = stand.conduct_and_judge(case, f"{RUN} {fault}")
    assert (judged.outcome, set(codes(judged.findings))) == (Outcome.FAILED, {code})


def test_what_a_client_answers_by_itself_stands_in_the_transcript_and_is_of_no_line(stand):
    events = stand.conduct_and_judge(ALL, RUN).transcript.events
    answers = [(e.data, e.step) for e in events if e.kind is Kind.SENT and e.note == "acknowledged"]
    assert dict(answers) == {b"confirm a1": None, b"confirm a2": None, b"confirm a3": None}


def test_declared_messages_are_acknowledged_by_their_fields(stand):
    keys = {**UDP, "replies": "anywhere", "acknowledge": {"data block=<n>": "ack block=<n>"}}
    play = "ana > read file=even.bin mode=octet\nana < data block=1\nana < data block=2\nana < data block=3 data=0x\nana (nothing)"
    case = relay(play, "ana", protocol=keys, messages=MESSAGES)
    judged = stand.conduct_and_judge(case, "python3 transfer.py <port>")
    assert (judged.outcome, codes(judged.findings)) == (Outcome.PASSED, [])
    assert "ack block=2" in [e.says for e in judged.transcript.events]
    faulty = stand.conduct_and_judge(case, "python3 transfer.py <port> same-block")
    assert set(codes(faulty.findings)) == {"came-instead"}


TRANSFER = "\n".join(f"ana < data block={n}\n{'ana (doubles)' * (n == 1)}\nana > ack block={n}" for n in range(1, 5))
ONCE = relay(
    f"ana > read file=big.bin mode=octet\n{TRANSFER}",
    "ana",
    protocol={"transport": "udp", "repeats": "ignored", "replies": "anywhere"},
    messages=MESSAGES,
    law="sent-once",
)


def test_the_sorcerer_s_apprentice_is_caught(stand):
    """One acknowledgement comes twice, and sends the next block twice."""
    right = stand.conduct_and_judge(ONCE, "python3 transfer.py <port>")
    assert (right.outcome, codes(right.findings)) == (Outcome.PASSED, [])
    judged = stand.conduct_and_judge(ONCE, "python3 transfer.py <port> apprentice")
    assert (judged.outcome, codes(judged.findings)) == (Outcome.FAILED, ["sent-twice"])
    assert (judged.findings[0].facts["count"], judged.evidence) == (1, Evidence.DEADLINE)


@pytest.mark.parametrize(("gap", "found"), [("0.0003", ["sent-twice"]), ("0.2000", []), ("-0.1", [])])
def test_what_comes_again_after_a_while_is_sent_again_as_it_should_be(gap, found):
    story = f"ana (connected)\nana > read\nana (noted) again {gap}\nserver (waited) quiet"
    case = relay("ana > read", "ana", protocol=UDP, law="sent-once", leftovers="allowed")
    assert [c for c in codes(case.judged(story).findings) if c == "sent-twice"] == found


def test_the_law_is_for_datagrams_that_are_repeated():
    with pytest.raises(SpecError, match="The law sent-once is about datagrams that are repeated"):
        relay("ana > x", "ana", law="sent-once")


def test_it_works_over_connections_too(stand):
    case = relay(
        "beto > ping 7\nana < ping 7\nbeto < pong 8\nana (does not acknowledge)\nbeto > ping 9\nana < ping 9\nbeto (nothing)",
        "ana",
        "beto",
        protocol={"acknowledge": {"ping <n>": "pong <value n + 1>"}},
    )
    judged = stand.conduct_and_judge(case, "python3 relay_select.py <port>")
    assert (judged.outcome, codes(judged.findings)) == (Outcome.PASSED, [])


def test_what_is_no_number_is_not_counted_on():
    protocol = Protocol(acknowledge=(("ping <n>", "pong <value n + 1>"),))
    lines = framing(protocol)
    answer = Acknowledging(protocol).answer
    assert answer(b"ping 7\n", lines) == b"pong 8\n"
    assert answer(b"ping x\n", lines) == b""
    assert answer(b"pong 7\n", lines) == b""


MISTAKES = {
    "<m> has no value here": {"msg <n>": "confirm <m>"},
    "This is no certain answer": {"msg <n>": "confirm <*>"},
    "This does not stand for what comes": {"msg <long 5>": "confirm"},
    "is not a placeholder": {"msg <what is this>": "confirm"},
    "`acknowledge` is a map of what comes": {},
    "is a text": {"msg": {"a": "b"}},
}


@pytest.mark.parametrize("said", MISTAKES)
def test_what_makes_no_sense_is_complained_of(said):
    with pytest.raises(SpecError, match=said):
        relay("ana > x", "ana", protocol={"acknowledge": MISTAKES[said]})


def test_who_acknowledges_nothing_is_told_so():
    with pytest.raises(SpecError, match="Nothing says what ana acknowledges"):
        relay("ana (does not acknowledge)\nana > x", "ana")
    with pytest.raises(SpecError, match="ack is sent with all its fields"):
        relay("ana (nothing)", "ana", protocol={"transport": "udp", "acknowledge": {"data": "ack"}}, messages=MESSAGES)

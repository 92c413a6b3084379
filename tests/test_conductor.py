"""Plays against real servers: the reference passes, and each small fault is found, by its name and on good evidence.

Quiet is what makes a verdict certain and quick; where a fault leaves the server waiting, the verdict must rest on it and
not on a deadline.
"""

import pytest
from conftest import Stand, rung_called
from plays import PORT, chat, codes, heard, relay

from grader.model import Evidence, Kind, Outcome

STARTS = "server (listens)\nserver (is running)"
BROADCAST = "ana > hola a todos\nbeto, caro < ana: hola a todos"
NO_ECHO = "ana > hola\nbeto, caro < ana: hola\nana (nothing)"
QUIT = "ana > /quit\nana (is disconnected)\nbeto, caro < * ana left"
CRASH = "ana (crashes)\nbeto, caro < * ana left"
HUNG_UP = "ana > /quit\nana (is disconnected)\nbeto > /who\nbeto < * ana left\nbeto < * here: beto"
LEAVES = "ana (leaves)\nbeto, caro < * ana left"
WHO = "ana > /who\nana < * here: ana, beto, caro"
PIECES = "ana >> ho|la\\n|a to|dos\\n\nbeto, caro < ana: hola\nbeto, caro < ana: a todos"
GARBAGE = "ana >> \\xff\\xfe\\n\nbeto > hola\ncaro (skips to beto: hola)\nbeto (still connected)"
BOTH = "ana > 1\nbeto > 2\ncaro < ana: 1\ncaro < beto: 2\nana < beto: 2\nbeto < ana: 1"
BACK = (
    "ana (leaves)\nbeto, caro < * ana left\nana (joins)\nbeto, caro < * ana joined\nana > hola\nbeto, caro < ana: hola"
)
TOGETHER = "together:\n  ana > <i>  20 times\n  beto > <i>  20 times\n  caro (skips to ana: 20)\nbeto (still connected)"
HALF = "ana > bye\nana (half-closes)\nbeto, caro < ana: bye\nbeto, caro < * ana left\nana (is disconnected)"
STOPS = "server (gets SIGTERM)\nserver (stops)\nserver (starts)\nserver (gets SIGINT)\nserver (stops)"
RESTARTS = "ana > /quit\nana (is disconnected)\nbeto, caro < * ana left\nserver (restarts)\ndani (joins)"
SLOW = "caro (freezes)\nana > <long 60000>  1000 times\nbeto < ana: <long 60000>  1000 times"
PACED = "caro (freezes)" + "\nana > <long 4000>  250 times\nbeto < ana: <long 4000>  250 times" * 10
LAWS = "ana > uno\nana > dos\nana > tres\nana > cuatro y cinco\nbeto (still connected)"
CASES = {
    "starts": chat(STARTS),
    "broadcast": chat(BROADCAST, "ana", "beto", "caro"),
    "no echo": chat(NO_ECHO, "ana", "beto", "caro", law="echo"),
    "quit": chat(QUIT, "ana", "beto", "caro"),
    "crash": chat(CRASH, "ana", "beto", "caro"),
    "leaves": chat(LEAVES, "ana", "beto", "caro"),
    "who": chat(WHO, "ana", "beto", "caro"),
    "pieces": chat(PIECES, "ana", "beto", "caro"),
    "garbage": chat(GARBAGE, "ana", "beto", "caro", leftovers="allowed"),
    "two senders": chat(BOTH, "ana", "beto", "caro"),
    "hung up on": chat(HUNG_UP, "ana", "beto"),
    "comes back": chat(BACK, "ana", "beto", "caro"),
    "together": chat(TOGETHER, "ana", "beto", "caro", leftovers="allowed", law=["lost", "doubled", "order"]),
    "half-close": chat(HALF, "ana", "beto", "caro"),
    "stops": chat(STOPS),
    "restarts": chat(RESTARTS, "ana", "beto", "caro", leftovers="allowed"),
    "slow reader": chat(PACED, "ana", "beto", "caro", ignore=["* caro left"]),
    "flood": chat(SLOW, "ana", "beto", "caro", ignore=["* caro left"]),
    "laws": chat(
        LAWS,
        "ana",
        "beto",
        "caro",
        law=["lost", "doubled", "torn", "invented", "order", "line-end"],
        leftovers="allowed",
    ),
    "notices": chat(LEAVES, "ana", "beto", "caro", law="one-notice"),
    "unwelcome": chat(
        "dani (connects)\ndani < name?\nana > hola\nbeto, caro < ana: hola\ndani (nothing)",
        "ana",
        "beto",
        "caro",
        law="before-welcome",
    ),
}


@pytest.mark.parametrize("name", [name for name in CASES if name != "flood"])
def test_the_reference_passes(stand, name):
    judged = stand.conduct_and_judge(CASES[name])
    assert (judged.outcome, codes(judged.findings), codes(judged.remarks)) == (Outcome.PASSED, [], [])
    assert judged.evidence in (Evidence.QUIET, Evidence.SEEN)


@pytest.mark.parametrize("name", [name for name in CASES if name not in ("slow reader", "flood")])
def test_a_correct_server_of_another_make_passes(stand, name):
    judged = stand.conduct_and_judge(CASES[name], "python3 chat.py <port>")
    assert (judged.outcome, codes(judged.findings)) == (Outcome.PASSED, [])


LOWER = ["starts", "broadcast", "crash", "quit", "comes back", "stops", "restarts", "together", "slow reader"]


@pytest.mark.parametrize("name", LOWER)
def test_the_reference_passes_on_every_rung(lower_stand, name):
    judged = lower_stand.conduct_and_judge(CASES[name])
    assert (judged.outcome, codes(judged.findings)) == (Outcome.PASSED, [])


@pytest.mark.parametrize(
    "fault", ["echo", "silent-crash", "serial", "exits", "exits-early", "wrong-port", "never-listens", "stays"]
)
def test_a_fault_is_found_by_its_name_on_every_rung(lower_stand, fault):
    name, expected, evidence = FAULTS[fault]
    judged = lower_stand.conduct_and_judge(CASES[name], f"python3 chat.py <port> {fault}")
    assert (codes(judged.findings), judged.evidence) == (expected, evidence)


# fault of chat.py, the check that finds it, the findings, what it rests on
FAULTS = {
    "echo": ("no echo", ["echo"], Evidence.SEEN),
    "silent-crash": ("crash", ["never-came"], Evidence.QUIET),
    "serial": ("broadcast", ["not-accepted"], Evidence.QUIET),
    "never-accepts": ("who", ["not-accepted"], Evidence.QUIET),
    "keeps-open": ("quit", ["not-closed"], Evidence.QUIET),
    "exits": ("broadcast", ["exited"], Evidence.SEEN),
    "exits-early": ("starts", ["exited-early"], Evidence.SEEN),
    "wrong-port": ("starts", ["wrong-port"], Evidence.SEEN),
    "never-listens": ("starts", ["never-listens"], Evidence.QUIET),
    "deaf": ("broadcast", ["never-came"], Evidence.QUIET),
    "stays": ("stops", ["did-not-stop"], Evidence.QUIET),
    "leaves-a-child": ("stops", ["still-listens"], Evidence.QUIET),
    "loses": ("laws", ["lost"], Evidence.QUIET),
    "doubles": ("laws", ["doubled"], Evidence.SEEN),
    "tears": ("laws", ["torn", "lost"], Evidence.SEEN),
    "invents": ("laws", ["invented"], Evidence.SEEN),
    "reorders": ("laws", ["reordered"], Evidence.SEEN),
    "crlf": ("laws", ["line-end"], Evidence.SEEN),
    "two-notices": ("notices", ["two-notices"], Evidence.SEEN),
    "before-welcome": ("unwelcome", ["before-welcome"], Evidence.SEEN),
    "": ("flood", ["not-read"], Evidence.QUIET),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_by_its_name(stand, fault):
    name, expected, evidence = FAULTS[fault]
    judged = stand.conduct_and_judge(CASES[name], f"python3 chat.py <port> {fault}")
    assert judged.outcome is Outcome.FAILED
    assert sorted(codes(judged.findings)[:2]) == sorted(expected)
    assert judged.evidence is evidence


@pytest.mark.parametrize("fault", ["echo", "doubles", "invents", "crlf"])
def test_a_fault_that_another_check_carries_costs_nothing_here(stand, fault):
    carried = ("echo", "doubled", "invented", "line-end")
    judged = stand.conduct_and_judge(
        chat(BROADCAST, "ana", "beto", "caro", carried=carried), f"python3 chat.py <port> {fault}"
    )
    assert (judged.outcome, codes(judged.findings)) == (Outcome.PASSED, [])


def test_a_server_that_waits_for_a_client_who_does_not_read_is_found(stand):
    judged = stand.conduct_and_judge(CASES["slow reader"], "python3 chat.py <port>")
    assert (codes(judged.findings), judged.evidence) == (["never-came"], Evidence.QUIET)
    assert ("sendto", "caro") in {(t.doing, t.of_client) for t in judged.transcript.threads}


def test_an_exit_tells_its_status_and_the_last_words(stand):
    judged = stand.conduct_and_judge(CASES["broadcast"], "python3 chat.py <port> exits")
    facts = judged.findings[0].facts
    assert (facts["status"], facts["last"]) == (3, "ValueError: enough")
    assert judged.transcript.server.exit_status == 3


def test_a_server_that_ends_before_it_listens_tells_why(stand):
    judged = stand.conduct_and_judge(CASES["starts"], "python3 chat.py <port> exits-early")
    said = b"".join(e.data for e in judged.transcript.events if e.kind is Kind.ERRORS)
    assert b"ValueError: there is no configuration" in said
    assert [e.note for e in judged.transcript.events if e.kind is Kind.EXITED] == ["1"]
    facts = judged.findings[0].facts
    assert (facts.get("status"), facts.get("last")) == (1, "ValueError: there is no configuration")


def test_a_server_that_does_not_stop_was_sent_a_signal_by_name(stand):
    (finding,) = stand.conduct_and_judge(CASES["stops"], "python3 chat.py <port> stays").findings
    assert (finding.code, finding.facts["signal"]) == ("did-not-stop", "SIGTERM")


def test_a_server_on_another_port_is_driven_there_all_the_same(stand):
    judged = stand.conduct_and_judge(CASES["broadcast"], "python3 chat.py <port> wrong-port")
    assert judged.outcome is Outcome.PASSED
    assert judged.transcript.server.listening == PORT + 1


def test_a_server_that_strikes_at_its_supervisor_has_no_effect_where_that_is_the_first_process(stand):
    assert (
        stand.conduct_and_judge(CASES["broadcast"], "python3 chat.py <port> kills-the-agent").outcome is Outcome.PASSED
    )


def test_a_server_that_kills_its_supervisor_fails_and_the_next_one_is_not_hurt(servers):
    rung_called("limits")
    stand = Stand(servers, "limits")
    try:
        for name in ("starts", "broadcast", "stops"):
            judged = stand.conduct_and_judge(CASES[name], "python3 chat.py <port> kills-the-agent")
            assert judged.outcome is Outcome.FAILED
            assert stand.conduct_and_judge(CASES[name]).outcome is Outcome.PASSED
    finally:
        stand.close()


def test_a_serial_server_is_seen_where_it_waits(stand):
    judged = stand.conduct_and_judge(CASES["broadcast"], "python3 chat.py <port> serial")
    assert ("recvfrom", "ana") in {(t.doing, t.of_client) for t in judged.transcript.threads}


def test_a_server_that_stops_reading_is_seen_where_it_waits(stand):
    judged = stand.conduct_and_judge(CASES["flood"], "python3 chat.py <port>")
    assert ("sendto", "caro") in {(t.doing, t.of_client) for t in judged.transcript.threads}
    assert judged.findings[0].facts["unread"] > 0


def test_who_calls_127_0_0_1_does_not_reach_a_server_on_ipv6_alone(stand):
    assert stand.conduct_and_judge(CASES["starts"], "python3 chat.py <port> ipv6").outcome is Outcome.PASSED
    judged = stand.conduct_and_judge(chat("dani (connects)"), "python3 chat.py <port> ipv6")
    assert (codes(judged.findings), judged.evidence) == (["refused"], Evidence.SEEN)


def test_whoever_comes_back_has_hung_up_in_good_order(stand):
    """Coming back is no crash: a server that stumbles over a reset has none to stumble over."""
    play = "ana > /quit\nbeto < * ana left\nana (is disconnected)\nana (joins)\nbeto < * ana joined"
    judged = stand.conduct_and_judge(chat(play, "ana", "beto"), "python3 chat.py <port> minds-resets")
    assert (judged.outcome, codes(judged.findings)) == (Outcome.PASSED, [])


def test_whoever_is_refused_is_told_so(stand):
    case = chat("ana (leaves)\nbeto < * ana left\ndani (connects)", "ana", "beto")
    judged = stand.conduct_and_judge(case, "python3 chat.py <port> stops-listening")
    assert (codes(judged.findings), judged.evidence) == (["refused"], Evidence.SEEN)
    assert judged.findings[0].facts["who"] == ["dani"]


# -- what a transcript holds ------------------------------------------------------------------------------------------


def test_what_was_captured_among_two_senders_can_be_sent(stand):
    play = "ana > hola\ncaro > adiós\nbeto < ana: <x>\nbeto < caro: adiós\nana < caro: adiós\ncaro < ana: hola\nbeto > <x>\nana, caro < beto: hola"
    judged = stand.conduct_and_judge(chat(play, "ana", "beto", "caro"))
    assert (judged.outcome, codes(judged.findings)) == (Outcome.PASSED, [])


def test_an_answer_never_stands_before_its_cause(stand):
    judged = stand.conduct_and_judge(CASES["two senders"])
    events = judged.transcript.events
    assert [e.t for e in events] == sorted(e.t for e in events)
    for index, event in enumerate(events):
        if event.kind is Kind.RECEIVED and b": " in event.data:
            author, _, text = event.data.partition(b": ")
            assert (author.decode(), text) in [(e.who, e.data) for e in events[:index] if e.kind is Kind.SENT]


def test_every_line_that_was_performed_has_an_event(stand):
    judged = stand.conduct_and_judge(CASES["comes back"])
    assert {line.step for line in judged.transcript.play} == {e.step for e in judged.transcript.events} - {None}


@pytest.mark.parametrize("_again", range(5))
def test_a_server_that_takes_a_packet_for_a_line_is_found_each_time(stand, _again):
    """The second piece goes out when the server has read the first, and neither sooner nor by the clock."""
    case = relay("ana >> ho|la\\n\nbeto < hola", "ana", "beto")
    assert stand.conduct_and_judge(case, "python3 relay_threads.py <port>").outcome is Outcome.PASSED
    judged = stand.conduct_and_judge(case, "python3 relay_packets.py <port>")
    assert codes(judged.findings) == ["came-instead"]
    assert heard(judged.transcript, "beto") == [b"ho\n", b"la\n"]


def test_the_box_is_empty_again_after_each_check(stand):
    for name in ("broadcast", "flood"):
        stand.conduct_and_judge(CASES[name], "python3 chat.py <port>")
        assert stand.box.diag.rows(0xFFF) == []


def test_a_crowd_of_eighty_is_heard(stand):
    many = [f"c{n}" for n in range(1, 81)]
    play = "c1..c80 (connects)\nc1..c80 < name?\nc1..c80 > /quit"
    judged = stand.conduct_and_judge(chat(play, leftovers="allowed"))
    assert judged.outcome is Outcome.PASSED
    assert all(heard(judged.transcript, who)[0] == b"name?\n" for who in many)

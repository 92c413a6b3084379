"""Datagrams: a server is up without one, silence is proven by the queues, and the play makes the network lose them."""

import pytest
from plays import codes, relay

from grader.errors import SpecError
from grader.model import Evidence, Outcome

UDP = {"transport": "udp"}
STORE = "server (listens)\nana > k=v\nana (nothing)\nbeto > k\nbeto < k=v\nana > none\nana < none=\nana (nothing)"
PLAYS = {
    "stores": relay(STORE, "ana", "beto", protocol=UDP),
    "an empty datagram": relay("ana >\nana > k=v\nana > k\nana < k=v", "ana", protocol=UDP),
    "in bytes": relay("ana >> \\xff=\\0\nana >> \\xff\nana << \\xff=\\0", "ana", protocol=UDP),
    "doubled": relay("ana > k=v\nana (doubles)\nana > k\nana < k=v\nana < k=v", "ana", protocol=UDP),
    "reordered": relay("ana (swaps)\nana > k=1\nana > k=2\nana > k\nana < k=1", "ana", protocol=UDP),
    "lost, and sent again": relay(
        "ana (loses 2)\nana > sure\nana < sure=\nana > ok\nana (nothing)",
        "ana",
        protocol={**UDP, "repeats": "ignored"},  # it may send once more before our answer is there
    ),
    "sent again, counted": relay("ana > sure\nana < sure=  4 times\nana (nothing)", "ana", protocol=UDP),
    "sent again, ignored": relay(
        "ana > sure\nana < sure=\nana (nothing)", "ana", protocol={**UDP, "repeats": "ignored"}
    ),
    "goes and comes": relay(
        "ana (leaves)\nbeto > k=1\nana (connects)\nana > k\nana < k=1", "ana", "beto", protocol=UDP
    ),
}
FAULTS = {
    "elsewhere": ("stores", "from-elsewhere"),
    "deaf": ("stores", "never-came"),
    "empty": ("an empty datagram", "exited"),
    "twice": ("stores", "came-unasked"),
    "once": ("lost, and sent again", "never-came"),
}
RUN = "python3 datagrams.py <port>"


@pytest.mark.parametrize("name", PLAYS)
def test_a_correct_server_passes(stand, name):
    judged = stand.conduct_and_judge(PLAYS[name], RUN)
    assert (judged.outcome, codes(judged.findings)) == (Outcome.PASSED, [])
    assert judged.evidence in (Evidence.QUIET, Evidence.SEEN)


def test_what_lies_unread_in_a_socket_that_is_closed_is_on_the_way_to_nobody(stand):
    case = relay("ana > k=v\nana > k\nana > k\nana < k=v", "ana", protocol=UDP)
    judged = stand.conduct_and_judge(case, f"{RUN} shuts")
    assert (codes(judged.findings), judged.evidence) == (["never-came"], Evidence.QUIET)


def test_what_was_sent_again_is_counted(stand):
    (remark,) = stand.conduct_and_judge(PLAYS["sent again, ignored"], RUN).remarks
    assert (remark.code, remark.facts) == ("came-again", {"who": ["ana"], "count": 3})


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_on_good_evidence(stand, fault):
    play, code = FAULTS[fault]
    judged = stand.conduct_and_judge(PLAYS[play], f"{RUN} {fault}")
    assert (judged.outcome, codes(judged.findings)[0]) == (Outcome.FAILED, code)
    assert judged.evidence in (Evidence.QUIET, Evidence.SEEN)


def test_answers_from_anywhere_count_where_the_spec_says_so(stand):
    case = relay("ana > k\nana < k=", "ana", protocol={**UDP, "replies": "anywhere"})
    judged = stand.conduct_and_judge(case, f"{RUN} elsewhere")
    assert judged.outcome is Outcome.PASSED


def test_a_server_that_never_waits_is_judged_by_a_deadline(stand):
    judged = stand.conduct_and_judge(relay("ana (nothing)", "ana", protocol=UDP), f"{RUN} busy")
    assert (judged.outcome, judged.evidence) == (Outcome.PASSED, Evidence.DEADLINE)


def test_a_server_that_opens_no_port_for_datagrams_never_listens(stand):
    judged = stand.conduct_and_judge(PLAYS["stores"], "python3 chat_server.py <port>")
    assert codes(judged.findings) == ["never-listens"]


MISTAKES = {
    "is of connections": ("ana (half-closes)", UDP),
    "is of datagrams": ("ana (loses)", {}),
    "is no number from 1 to 1000": ("ana (doubles 0)", UDP),
    "Over UDP the framing is": ("ana > x", {**UDP, "framing": "line"}),
    "is for `transport: udp`": ("ana > x", {"replies": "anywhere"}),
}


@pytest.mark.parametrize("said", MISTAKES)
def test_what_makes_no_sense_is_complained_of(said):
    play, protocol = MISTAKES[said]
    with pytest.raises(SpecError, match=said):
        relay(play, "ana", protocol=protocol)

"""Side by side with the reference: what counts as the same, and how the first difference is named."""

import pytest
from plays import chat

from grader.course.attempts import compared
from grader.judge.compare import first_difference
from grader.model import Attempt, Evidence, Outcome

ONE = chat("ana > /who\nbeto > hola", "ana", "beto", same_as_reference=True)
JOINED = "ana, beto (join)\n"


def story(after_who, after_hola=""):
    return f"{JOINED}ana > /who\n{after_who}\nserver (waited) quiet @ ana > /who\nbeto > hola\n{after_hola}\nserver (waited) quiet @ beto > hola"


REFERENCE = story("ana < * here: ana, beto", "ana < beto: hola")


def difference(case, own, reference=REFERENCE):
    found = first_difference(case.check, case.spec, case.told(own), case.told(reference))
    return None if found is None else (found[0].code, dict(found[0].facts), found[1])


@pytest.mark.parametrize(
    ("own", "reference"),
    [
        (REFERENCE, REFERENCE),
        (story("ana < it is 12:30:59"), story("ana < it is 9:05:01")),
        (story("ana < 2026-01-31"), story("ana < 2025-12-01")),
        (story("ana < from 127.0.0.1 41234"), story("ana < from 127.0.0.1 50001")),
    ],
    ids=["the same", "a clock", "a date", "a client's port"],
)
def test_what_is_the_same_passes(own, reference):
    assert difference(ONE, own, reference) is None


@pytest.mark.parametrize(
    ("own", "code", "facts"),
    [
        (story("ana < here: ana, beto", "ana < beto: hola"), "reference-differs", {"got": "here: ana, beto"}),
        (story("", "ana < beto: hola"), "reference-got-more", {"text": "* here: ana, beto"}),
        (story("ana < * here: ana, beto\nana < bye", "ana < beto: hola"), "reference-got-less", {"text": "bye"}),
        (story("ana < * here: ana, beto\nana (server-closed)", "ana < beto: hola"), "was-closed", {}),
        (
            story("ana < * here: ana, beto", "beto < beto: hola\nana < beto: hola"),
            "reference-got-less",
            {"who": ["beto"]},
        ),
    ],
    ids=["another line", "a line too few", "a line too many", "closed", "an echo"],
)
def test_the_first_difference_is_named(own, code, facts):
    found, told, _ = difference(ONE, own)
    assert (found, told) == (code, told | facts)


def test_what_never_came_rests_on_the_wait_and_what_came_was_seen():
    assert difference(ONE, story("", "ana < beto: hola"))[2] is Evidence.QUIET
    assert difference(ONE, story("ana < x", "ana < beto: hola"))[2] is Evidence.SEEN


def test_where_several_act_at_once_the_order_is_free():
    case = chat("together:\n  ana > 1\n  beto > 2", "ana", "beto", "caro", same_as_reference=True)
    begin = "ana, beto, caro (join)\nana > 1\nbeto > 2\n"
    end = "server (waited) quiet @ beto > 2"
    reference = f"{begin}caro < ana: 1\ncaro < beto: 2\n{end}"
    assert difference(case, f"{begin}caro < beto: 2\ncaro < ana: 1\n{end}", reference) is None
    assert difference(case, f"{begin}caro < beto: 2\n{end}", reference)[0] == "reference-got-more"


def test_an_attempt_that_differs_has_failed():
    attempt = Attempt(Outcome.PASSED, Evidence.QUIET, 0.1, (), (), ONE.told(story("", "ana < beto: hola")))
    result = compared(ONE.check, ONE.spec, attempt, ONE.told(REFERENCE))
    assert (result.outcome, [f.code for f in result.findings]) == (Outcome.FAILED, ["reference-got-more"])
    assert compared(ONE.check, ONE.spec, attempt, attempt.transcript) is attempt


@pytest.mark.parametrize("run", ["python3 chat_server.py <port>", "python3 chat.py <port> echo"])
def test_a_real_server_beside_the_reference(stand, run):
    """A correct server sends what the reference sends; one that echoes is caught by the comparison alone."""
    case = chat("ana > hola\nbeto > /who\nana (leaves)\n", "ana", "beto", same_as_reference=True)
    reference = stand.conduct_and_judge(case)
    assert (reference.outcome, reference.findings) == (Outcome.PASSED, ())
    own = stand.conduct_and_judge(case, run)
    found = first_difference(case.check, case.spec, own.transcript, reference.transcript)
    if "echo" in run:
        assert (found[0].code, found[0].facts["text"]) == ("reference-got-less", "ana: hola")
    else:
        assert found is None

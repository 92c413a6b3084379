"""How long a deadline is: ten times what nearly all of the reference's answers took, within bounds."""

from dataclasses import replace

import pytest

from grader.judge.pace import LEAST, MOST, answer_times, patience
from grader.model import SERVER, Event, Kind, Transcript


def told(*events):
    """A transcript of (time, kind) pairs."""
    return Transcript("it", "reference", 7, tuple(Event(t, "ana", kind) for t, kind in events))


def answered(*seconds):
    """One act a second, each answered after so many seconds."""
    return told(*(e for n, s in enumerate(seconds) for e in ((n, Kind.SENT), (n + s, Kind.RECEIVED))))


def test_an_answer_is_timed_from_the_act_before_it():
    transcript = told(
        (0, Kind.STARTED), (1, Kind.CONNECTED), (1.25, Kind.RECEIVED), (2, Kind.SENT), (2.5, Kind.RECEIVED)
    )
    assert answer_times(transcript) == [0.25, 0.5]


def test_what_comes_before_any_act_answers_nothing():
    assert answer_times(told((1, Kind.RECEIVED))) == []


@pytest.mark.parametrize(
    ("transcripts", "seconds"),
    [
        ([], LEAST),
        ([answered(0.001, 0.002)], LEAST),
        ([answered(0.001), answered(0.25)], 2.5),
        ([answered(*[0.001] * 200, 0.9)], LEAST),
        ([answered(*[0.001] * 50, 0.125)], 1.25),
        ([answered(5)], MOST),
    ],
    ids=[
        "nothing known",
        "quick",
        "of several checks",
        "one in 200 does not count",
        "one in 51 does",
        "never more than",
    ],
)
def test_patience_follows_the_reference(transcripts, seconds):
    assert patience(transcripts) == pytest.approx(seconds)


def asked(clients, *seconds):
    """A check with so many clients in which one after the other is answered after so many seconds."""
    kinds = (Kind.SENT, Kind.RECEIVED)
    events = [(n + s * (k is Kind.RECEIVED), f"c{n % clients}", k) for n, s in enumerate(seconds) for k in kinds]
    return Transcript("it", "reference", 7, tuple(Event(*event) for event in events))


QUICK, SLOW = asked(2, *[0.001] * 9), asked(2, 0.001, 0.2)
CROWD, FLOOD = asked(50, *[0.3] * 50), asked(2, *[0.3] * 50)


@pytest.mark.parametrize(
    ("transcripts", "where", "seconds"),
    [
        ([QUICK, CROWD], QUICK, LEAST),
        ([QUICK, CROWD], CROWD, 3.0),
        ([QUICK, FLOOD], QUICK, LEAST),
        ([QUICK, SLOW], QUICK, 2.0),
        ([*[QUICK] * 30, SLOW], SLOW, 2.0),
        ([], SLOW, 2.0),
    ],
    ids=[
        "not a crowd's",
        "a crowd's own",
        "not that of more traffic",
        "of one that is asked no more",
        "its own, among many quick answers",
        "its own alone",
    ],
)
def test_patience_is_that_of_checks_which_ask_no_more(transcripts, where, seconds):
    assert patience(transcripts, where) == pytest.approx(seconds)


def test_events_that_were_left_out_are_traffic_all_the_same():
    cut = replace(FLOOD, events=(*FLOOD.events[:4], Event(9, SERVER, Kind.NOTED, note="… 96 more"), *FLOOD.events[-2:]))
    assert patience([QUICK, cut], QUICK) == LEAST

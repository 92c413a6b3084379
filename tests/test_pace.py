"""How long a deadline is: ten times what nearly all of the reference's answers took, within bounds."""

import pytest

from grader.judge.pace import LEAST, MOST, answer_times, patience
from grader.model import Event, Kind, Transcript


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

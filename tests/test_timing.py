"""Messages that are due at a certain time: as rows of events, and from a server with a clock of its own."""

import pytest
from plays import codes, relay

from grader.judge.timing import delay_note, out_of_time
from grader.model import Event, Evidence, Kind, Line, Outcome, Verb

# What came when (seconds), the limits, what is found. The client sends at 1.0; each number is a message after that.
ROWS = [
    ([1.5], (0.4, 0.7), None),
    ([1.35], (0.4, 0.7), ("too-early", {"took": 350, "least": 400})),
    ([1.395], (0.4, 0.7), None),
    ([1.75], (0.4, 0.7), ("too-late", {"took": 750, "most": 700})),
    ([1.705], (0.4, 0.7), None),
    ([1.5, 2.0, 2.5], (0.4, 0.7), None),
    ([1.5, 2.0, 2.1], (0.4, 0.7), ("too-early", {"took": 100, "least": 400})),
    ([1.5, 2.3], (0.4, 0.7), ("too-late", {"took": 800, "most": 700})),
    ([9.0], (0.4, None), None),
    ([1.1], (0.4, None), ("too-early", {"took": 100, "least": 400})),
    ([1.0], (0.0, 2.0), None),
    ([4.0], (0.0, 2.0), ("too-late", {"took": 3000, "most": 2000})),
]


def events_of(times, *more):
    told = [Event(1.0, "ana", Kind.SENT, b"beat\n", step=0), *more]
    return [*told, *(Event(t, "ana", Kind.RECEIVED, b"heartbeat\n") for t in times)]


def found_in(events, within):
    line = Line(1, "", ("ana",), Verb.EXPECT, "heartbeat", within=within)
    step_of = {i: 1 for i, e in enumerate(events) if e.kind is Kind.RECEIVED}
    return list(out_of_time(line, "ana", "heartbeat", events, step_of, len(events)))


@pytest.mark.parametrize(("times", "within", "expected"), ROWS)
def test_a_message_comes_when_it_is_due(times, within, expected):
    found = found_in(events_of(times), within)
    if expected is None:
        assert found == []
        return
    (finding,) = found
    code, facts = expected
    assert (finding.code, finding.facts) == (code, {"who": ["ana"], "text": "heartbeat", **facts})


def test_what_was_waited_for_a_processor_is_nobody_s_fault():
    late = [1.9]
    assert codes(found_in(events_of(late), (0.4, 0.7))) == ["too-late"]
    excused = Event(1.9, "server", Kind.NOTED, note=delay_note(1, 0.25))
    assert found_in(events_of(late, excused), (0.4, 0.7)) == []
    of_another_line = Event(1.9, "server", Kind.NOTED, note=delay_note(11, 0.25))
    assert codes(found_in(events_of(late, of_another_line), (0.4, 0.7))) == ["too-late"]


def test_another_s_act_before_the_line_begins_the_time():
    later = Event(1.4, "beto", Kind.SENT, b"x\n", step=0)
    assert codes(found_in(events_of([1.6], later), (0.4, 0.7))) == ["too-early"]
    behind = Event(1.4, "beto", Kind.SENT, b"x\n", step=2)
    assert found_in(events_of([1.6], behind), (0.4, 0.7)) == []


def test_a_wait_before_it_is_where_the_time_begins():
    wait = Event(1.4, "ana", Kind.NOTED, note="waits 400ms", step=0)
    assert found_in(events_of([1.6], wait), (0.1, 0.3)) == []
    (early,) = found_in(events_of([1.6], wait), (0.4, 0.7))
    assert early.code == "too-early"


BEATS = "ana > beat 500\nana < heartbeat  3 times  within 400ms..900ms"
LATE = "ana > once 300\nana < heartbeat  within 100ms..900ms"
ONCE = "ana > once 1500\nana < heartbeat  within 1400ms..3s"


@pytest.mark.parametrize("play", [BEATS, ONCE])
def test_a_server_that_keeps_time_passes(stand, play):
    found = stand.conduct_and_judge(relay(play, "ana", leftovers="allowed"), "python3 heartbeat.py <port>")
    assert (found.outcome, codes(found.findings)) == (Outcome.PASSED, [])


@pytest.mark.parametrize(
    ("play", "factor", "code"),
    [(BEATS, "0.1", "too-early"), (ONCE, "0.1", "too-early"), (LATE, "6", "too-late"), (ONCE, "100", "never-came")],
)
def test_a_server_with_another_clock_is_caught(stand, play, factor, code):
    found = stand.conduct_and_judge(relay(play, "ana", leftovers="allowed"), f"python3 heartbeat.py <port> {factor}")
    assert (found.outcome, codes(found.findings)) == (Outcome.FAILED, [code])
    if code != "never-came":
        assert found.evidence is Evidence.DEADLINE  # so it is tried again before it counts

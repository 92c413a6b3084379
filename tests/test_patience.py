"""How patient the attempts at one check are: as its reference needs, and in the end as any check of the spec needs."""

import pytest
from plays import codes, relay

from grader.conduct.own_time import MOST_UNCLOCKED, Deadline
from grader.course.attempts import attempt_until_clear, verdict
from grader.course.entry import Entry
from grader.course.known_reference import KnownReference, Remembered
from grader.course.subject import Subject
from grader.judge.pace import LEAST
from grader.model import Attempt, Command, Event, Evidence, Kind, Outcome, Transcript
from grader.stage import staging
from grader.stage.rungs import RUNGS

CASE = relay("ana, beto (connects)\nana > hola\nbeto < hola", leftovers="allowed")
LONG = 3.0
"""Seconds that a server has in the check that asks most."""


def answered(check, clients, seconds):
    """What the reference did: so many clients speak, a second after each other, and each is answered after so many."""
    pairs = ((n, f"c{n}", kind) for n in range(clients) for kind in (Kind.SENT, Kind.RECEIVED))
    events = tuple(Event(n + seconds * (kind is Kind.RECEIVED), who, kind) for n, who, kind in pairs)
    return Attempt(Outcome.PASSED, Evidence.QUIET, 0.1, (), (), Transcript(check, "reference", 7, events))


@pytest.fixture
def remembered():
    """A class's memory of a reference that is quick in a small check and slow in a crowd."""
    attempts = {"it": answered("it", 2, 0.001), "crowd": answered("crowd", 200, LONG / 10)}
    return Remembered(KnownReference("", attempts), CASE.spec, "full", 7)


@pytest.fixture
def attempts(servers, remembered):
    """All attempts at the check that a relay needs, which keeps a processor busy and delivers after so many seconds."""
    staged = staging.stage(servers)[0]
    made = []

    def make(seconds):
        run = Command(f"python3 relay_slow_busy.py <port> {seconds}")
        made.append(Subject(staged, CASE.spec, RUNGS.get("full"), Entry(run), "submission", 7))
        made[0].patience = remembered.patience
        return attempt_until_clear(CASE.check, lambda number: made[0].attempt(CASE.check, number))

    yield make
    for one in made:
        one.close()
    staging.remove(staged)


def test_a_small_check_is_not_held_against_a_crowd(remembered):
    assert remembered.patience(CASE.check) == LEAST
    assert remembered.patience(None) == pytest.approx(LONG)


def test_a_slow_server_has_the_patience_of_the_whole_spec_before_it_loses_a_small_check(attempts):
    """Whether it is idle here or not: on a busy machine its own time may be shorter, and then it passes at once."""
    tried = attempts(0.9)
    assert tried[-1].outcome is Outcome.PASSED
    assert all(a.evidence is Evidence.DEADLINE for a in tried[:-1])
    assert verdict(CASE.check, tried, None).outcome is Outcome.PASSED


@pytest.mark.long
def test_one_that_does_not_deliver_in_any_patience_is_caught(attempts):
    tried = attempts(600)
    assert [(a.outcome, a.evidence) for a in tried] == [(Outcome.FAILED, Evidence.DEADLINE)] * 3
    waited = [a.transcript.events[-1].t for a in tried]
    assert waited[-1] > LONG


@pytest.mark.parametrize(
    ("run", "ends", "bound"),
    [("relay_busy.py", True, LONG), ("relay_busy.py", False, 3 * LONG), ("relay_threads.py", True, 9 * LONG)],
)
def test_only_who_never_waits_is_held_to_what_its_own_check_needs(stand, run, ends, bound):
    """Whoever waits may rest in a moment. And where the play goes on, what comes late would be taken for something else."""
    with stand.started(f"python3 {run} <port>") as started:
        started.connect("ana")
        due = Deadline(
            started.server, None, lambda spins: LONG if spins else 9 * LONG, horizon=0.1, clock=None, ends=ends
        )
        for _ in range(MOST_UNCLOCKED + 1):
            due.begin()
        started.record.wait(len(started.record.events), LEAST + 0.1)
        assert not due.passed(timed=False)
        assert due.bound == bound


HURRIED = relay("ana, beto (connects)\nana > hola\nbeto (skips the rest)\nana > fin\nbeto < fin")


@pytest.mark.long
def test_what_comes_late_behind_a_silence_that_was_not_proven_rests_on_a_deadline(stand):
    """Never on what was seen: a server that is only slow would fail at once, and without another attempt."""
    judged = stand.conduct_and_judge(HURRIED, "python3 relay_slow_busy.py <port> 1.8")
    # On a busy machine its own time is shorter: then the first message is thrown away in time, and the second comes late.
    assert codes(judged.findings) in (["came-instead"], ["never-came"], [])
    assert judged.evidence is Evidence.DEADLINE


def test_what_comes_late_behind_a_proven_silence_was_seen(stand):
    judged = stand.conduct_and_judge(
        relay("ana, beto (connects)\nana > hola\nbeto < fin"), "python3 relay_threads.py <port>"
    )
    assert (codes(judged.findings), judged.evidence) == (["came-instead"], Evidence.SEEN)


@pytest.mark.parametrize(("silence", "evidence"), [("in-vain", Evidence.DEADLINE), ("", Evidence.SEEN)])
def test_a_message_that_is_out_of_place_proves_as_much_as_the_silence_before_it(silence, evidence):
    story = "ana, beto (connected)\nana > hola\n{}beto (noted) skipped\nana > fin\nbeto < hola"
    judged = HURRIED.judged(story.format(f"server (noted) {silence}\n" if silence else ""))
    assert (codes(judged.findings), judged.evidence) == (["came-instead"], evidence)


def test_no_haste_of_ours_ends_a_server():
    story = "ana, beto (connected)\nana > hola\nserver (noted) in-vain\nbeto (noted) skipped\nana > fin\nbeto < hola\nserver (exited) 1"
    judged = HURRIED.judged(story)
    assert (codes(judged.findings), judged.evidence) == (["exited", "came-instead"], Evidence.SEEN)

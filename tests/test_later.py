"""Silences that are proven at the end of a play: nothing is missed by it, and who is late by design loses nothing."""

from dataclasses import replace

import pytest
from plays import codes, heard, relay

from grader.course.entry import Entry
from grader.course.subject import MOST_IN_VAIN, Subject
from grader.judge.later import later, may_be_later
from grader.model import Command, Evidence, Kind, Outcome
from grader.stage import staging
from grader.stage.rungs import RUNGS

SILENT = relay("ana > hola\nbeto < hola\nana, beto (nothing)", "ana", "beto")
PLAIN = relay("ana > hola\nbeto < hola", "ana", "beto")


@pytest.fixture
def subject(servers):
    """Makes the subject of a command."""
    staged = staging.stage(servers)[0]
    made = []

    def make(run, case):
        made.append(Subject(staged, case.spec, RUNGS.get("full"), Entry(Command(run)), "submission", 7))
        return made[-1]

    yield make
    for one in made:
        one.close()
    staging.remove(staged)


def proofs(attempt):
    """The steps at which a wait was proven to be in vain; None is the end of the play."""
    return [e.step for e in attempt.transcript.events if e.kind is Kind.WAITED]


def silence(case):
    return next(line.step for line in case.check.play if "nothing" in line.text)


def test_who_looks_up_every_now_and_then_is_proven_quiet_once_at_the_end(subject):
    attempt = subject("python3 relay_timeout.py <port>", SILENT).attempt(SILENT.check)
    assert (attempt.outcome, attempt.evidence) == (Outcome.PASSED, Evidence.QUIET)
    assert proofs(attempt) == [None]


def test_who_only_waits_for_input_is_proven_quiet_at_once(subject):
    attempt = subject("python3 relay_threads.py <port>", SILENT).attempt(SILENT.check)
    assert attempt.outcome is Outcome.PASSED
    assert proofs(attempt) == [silence(SILENT), None]


@pytest.mark.parametrize("milliseconds", [50, 300])
def test_a_late_message_breaks_a_silence_that_was_to_be_proven_later(subject, milliseconds):
    attempt = subject(f"python3 relay_late.py <port> {milliseconds}", SILENT).attempt(SILENT.check)
    assert codes(attempt.findings) == ["came-unasked"]
    assert heard(attempt.transcript, "beto") == [b"hola\n", b"hola\n"]
    assert proofs(attempt)[0] == silence(SILENT)


@pytest.mark.long
def test_a_server_that_tells_in_rounds_who_came_loses_nothing(subject):
    one = subject("python3 relay_rounds.py <port>", PLAIN)
    attempts = [one.attempt(PLAIN.check) for _ in range(MOST_IN_VAIN)]
    assert [a.outcome for a in attempts] == [Outcome.PASSED] * MOST_IN_VAIN
    came = [heard(a.transcript, "ana") for a in attempts]
    assert came == [[b"* somebody came\n"]] * MOST_IN_VAIN


def test_what_is_said_again_in_the_next_round_is_a_leftover(subject):
    attempt = subject("python3 relay_rounds.py <port> again", PLAIN).attempt(PLAIN.check)
    assert codes(attempt.findings) == ["left-over"]
    assert heard(attempt.transcript, "beto")[-2:] == [b"hola\n"] * 2


@pytest.mark.parametrize(
    "rest",
    [
        "ana (leaves)",
        "beto (crashes)",
        "beto <? hola",
        "beto (skips to hola)",
        "server (gets SIGTERM)\nserver (stops)",
        "any order:\n  beto < hola",
    ],
)
def test_a_silence_is_proven_in_its_place_where_what_follows_could_hide_that_it_was_broken(rest):
    assert later(relay(f"ana > hola\nana (nothing)\n{rest}", "ana", "beto").check) == frozenset()


def test_a_silence_is_proven_later_where_what_follows_keeps_what_broke_it():
    case = relay("ana > hola\nana (nothing)\nbeto < hola\nbeto > adios\nana < adios", "ana", "beto")
    assert later(case.check) == {silence(case)}


def test_where_leftovers_do_not_count_no_silence_is_left_to_the_end():
    assert later(relay("ana > hola\nana (nothing)", "ana", "beto", leftovers="allowed").check) == frozenset()


def test_where_times_count_or_a_server_lasts_every_silence_is_proven_in_its_place():
    case = relay("ana > hola\nbeto < hola  within 400ms", "ana", "beto")
    assert not may_be_later(case.check, case.spec)
    assert may_be_later(PLAIN.check, PLAIN.spec)
    lasting = replace(PLAIN.spec, server=replace(PLAIN.spec.server, lasts=True))
    assert not may_be_later(PLAIN.check, lasting)

"""A submission's boxes take turns: the next check's server boots ahead, and nobody is better or worse off for it."""

import pytest
from conftest import rung_called
from plays import chat, codes

from grader.course import subject as subjects
from grader.course.entry import Entry
from grader.course.subject import Subject
from grader.model import Command, Evidence, Kind, Outcome
from grader.stage import staging

FIRST = chat("server (is running)").check
SECOND = chat("ana > hola\nbeto < ana: hola", "ana", "beto")
THIRD = chat("ana > /who\nana < * here: ana", "ana").check
TALKATIVE = "import sys\nprint('I am up', flush=True)\nexec(open('chat_server.py').read())\n"
ENDS = "import sys\nprint('no, thank you')\nsys.exit(3)\n"
NEVER_RESTS = "import socket, sys\ns = socket.create_server(('127.0.0.1', int(sys.argv[1])))\nwhile True:\n    pass\n"
KILLS_THE_SUPERVISOR = "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\nos.kill(1, signal.SIGKILL)\n"


@pytest.fixture
def made(servers, monkeypatch):
    """Makes subjects of a server's source, or of the reference, on a rung; all are closed at the end."""
    monkeypatch.setattr(subjects, "AHEAD_SECONDS", 600.0)  # on a busy machine, too, the turn comes in time
    staged, subjects_made = [], []

    def make(source=None, rung="full"):
        folder = staging.stage(servers)[0]
        staged.append(folder)
        run = "python3 chat_server.py <port>"
        if source is not None:
            with open(f"{folder.submission}/own.py", "w", encoding="utf-8") as file:
                file.write(source)
            run = "python3 own.py <port>"
        subject = Subject(folder, SECOND.spec, rung_called(rung), Entry(Command(run)), "submission", 7)
        subjects_made.append(subject)
        return subject

    yield make
    for subject in subjects_made:
        subject.close()
    for folder in staged:
        staging.remove(folder)


def begun_ahead(attempt):
    """How long a server took is known only if it was started in its own turn."""
    return attempt.transcript.server.ready_after is None


def three(subject):
    """Three checks in turn, each with the next one announced."""
    return [subject.attempt(*t) for t in [(FIRST, 0, SECOND.check), (SECOND.check, 0, THIRD), (THIRD, 0, None)]]


def test_from_the_third_check_on_servers_have_been_begun_ahead(made):
    attempts = three(made())
    assert [a.outcome for a in attempts] == [Outcome.PASSED] * 3
    assert [begun_ahead(a) for a in attempts] == [False, False, True]


def test_the_clock_of_a_check_stands_still_until_its_turn(made):
    subject = made()
    *_, third = three(subject)
    listening = next(e for e in third.transcript.events if e.kind is Kind.LISTENING)
    second_took = subject.attempt(SECOND.check).seconds
    assert listening.t < second_took


def test_what_a_server_printed_before_its_turn_is_kept(made):
    *_, third = three(made(TALKATIVE))
    assert begun_ahead(third)
    assert b"I am up" in b"".join(e.data for e in third.transcript.events if e.kind is Kind.OUTPUT)


def test_a_server_that_would_have_waited_too_long_makes_way_for_a_fresh_one(made, monkeypatch):
    monkeypatch.setattr(subjects, "AHEAD_SECONDS", 0.0)
    attempts = three(made())
    assert [a.outcome for a in attempts] == [Outcome.PASSED] * 3
    assert not any(begun_ahead(a) for a in attempts)


def test_a_check_that_was_announced_in_vain_leaves_nothing_behind(made):
    subject = made()
    subject.attempt(FIRST, 0, SECOND.check)
    subject.attempt(SECOND.check, 0, FIRST)
    third = subject.attempt(THIRD)
    assert third.outcome is Outcome.PASSED
    assert not begun_ahead(third)


def test_another_attempt_leaves_the_server_of_the_next_check_alone(made):
    subject = made()
    subject.attempt(FIRST, 0, SECOND.check)
    subject.attempt(SECOND.check, 0, THIRD)
    again = subject.attempt(SECOND.check, 1, THIRD)
    assert again.outcome is Outcome.PASSED
    assert begun_ahead(subject.attempt(THIRD))


@pytest.mark.parametrize("rung", ["namespaces", "limits"])
def test_where_two_boxes_would_share_a_folder_there_is_one(made, rung):
    attempts = three(made(rung=rung))
    assert [a.outcome for a in attempts] == [Outcome.PASSED] * 3
    assert not any(begun_ahead(a) for a in attempts)


def test_a_server_that_ended_before_its_turn_is_found_to_have_ended(made):
    attempts = three(made(ENDS))
    assert [codes(a.findings) for a in attempts] == [["exited-early"]] * 3
    assert [a.findings[0].facts["status"] for a in attempts] == [3, 3, 3]


def test_a_submission_that_kills_its_supervisor_before_its_turn_is_found_out_in_each_check(made):
    attempts = three(made(KILLS_THE_SUPERVISOR))
    assert all(a.outcome is Outcome.FAILED for a in attempts)
    assert not any(begun_ahead(a) and a.outcome is Outcome.PASSED for a in attempts)


def test_beside_a_server_that_never_rests_no_other_of_its_kind_runs(made):
    subject = made(NEVER_RESTS)
    attempts = [subject.attempt(FIRST, 0, THIRD), subject.attempt(FIRST, 0, FIRST), subject.attempt(FIRST)]
    assert [(a.outcome, a.evidence) for a in attempts] == [(Outcome.PASSED, Evidence.DEADLINE)] * 3
    assert not any(begun_ahead(a) for a in attempts)

"""Experiments side by side: what was begun ahead is handed out, what nobody asks for is given up, and nothing waits for ever."""

import threading
import time

import pytest
from dialects_at_hand import folder_of

from grader.conduct.learn.beside import Beside, Promises
from grader.conduct.learn.session import Abandoned, Session
from grader.conduct.learn.timers import HORIZON, Timers
from grader.errors import HarnessError
from grader.model import Command
from grader.stage import sandbox, staging
from grader.stage.box import Box
from grader.stage.processes import Task
from grader.stage.quiet import Look, Sight
from grader.stage.syscalls import FOREVER, Wait


@pytest.fixture(scope="module")
def chat(tmp_path_factory):
    """A server that was staged, and the rung of its boxes."""
    folder, command = folder_of("prompt_name.py", tmp_path_factory.mktemp("chat"))
    staged, _ = staging.stage(folder)
    yield staged, sandbox.choose(staged).rung, Command(command.run, any_port=True)
    staging.remove(staged)


def made_for(chat, **more):
    staged, rung, command = chat
    return Beside(lambda: Box(rung, staged), lambda box: Session(box, command, 12000), **more)


@pytest.fixture
def beside(chat):
    made = made_for(chat)
    yield made
    made.close()


def taken_or_begun(beside, key):
    """What comes of an experiment once a thread has begun it: before, whoever asks does it alone."""
    assert beside._begun[key].ended.wait(20)
    return beside.take(key)


def asked(start):
    """What the server says to who comes."""
    with start() as session:
        assert session.connect("ana")
        return session.heard("ana")


def test_what_was_begun_ahead_is_handed_out_once_with_its_sessions(beside):
    beside.only({"one": asked})
    result, sessions = taken_or_begun(beside, "one")
    assert (result, len(sessions)) == (b"Enter your name: ", 1)
    assert sessions[0].listens
    assert beside.take("one") is None


def test_they_go_on_at_the_same_time(beside):
    both = threading.Barrier(2)
    beside.only({name: lambda start: both.wait(20) >= 0 for name in ("one", "two")})
    assert [taken_or_begun(beside, name)[0] for name in ("one", "two")] == [True, True]


def test_what_is_not_wanted_any_more_is_given_up(beside):
    begun, over = threading.Event(), threading.Event()

    def long(start):
        try:
            with start() as session:
                session.connect("ana")
                begun.set()
                while True:
                    session.settle()
        finally:
            over.set()

    beside.only({"long": long})
    assert begun.wait(20)
    beside.only({})
    assert over.wait(20)
    assert beside.take("long") is None


def test_a_server_is_not_started_any_more_for_what_was_given_up(beside):
    begun, go, over = threading.Event(), threading.Event(), threading.Event()

    def two(start):
        begun.set()
        assert go.wait(20)
        try:
            start()
        finally:
            over.set()

    beside.only({"two": two})
    assert begun.wait(20)
    kept = beside._begun["two"]
    beside.only({})
    go.set()
    assert over.wait(20)
    assert kept.ended.wait(20)
    assert (kept.sessions, kept.whole) == ([], False)


def test_what_broke_ahead_is_done_again_by_who_asks(beside):
    def broken(start):
        raise HarnessError("grader-error", what="no room")

    beside.only({"broken": broken})
    assert taken_or_begun(beside, "broken") is None


def test_with_no_room_nothing_is_begun(chat):
    alone = made_for(chat, most=0)
    alone.only({"one": lambda start: "found"})
    assert alone.take("one") is None
    alone.close()


def test_a_promise_is_waited_for_and_nobody_waits_for_one_that_is_broken():
    promises, got = Promises(), []

    def wait(key):
        try:
            got.append(promises.wait(key))
        except Abandoned:
            got.append("nothing")

    threads = [threading.Thread(target=wait, args=(key,)) for key in ("kept", "never")]
    for thread in threads:
        thread.start()
    promises.keep("kept", "heard")
    threads[0].join(20)
    assert got == ["heard"]
    promises.close()
    threads[1].join(20)
    assert got == ["heard", "nothing"]
    with pytest.raises(Abandoned):
        promises.wait("later")


# ------------------------------------------------------------------------------------------------------ its timers


def at(tid, ahead, runs, name="python3"):
    until = time.monotonic() + ahead if ahead else FOREVER
    return Task(1, tid, name, "S", runs, 0, runs, Wait("futex", until=until))


def test_the_timers_that_count_are_those_of_threads_that_ran_while_something_came():
    """One wakes up every 0.9 s for nothing, one every 0.5 s and lets people in: so far ahead it is looked, and no further."""
    timers = Timers()
    before = timers.note({}, Look(Sight.TIMED, (at(1, 0.9, 4), at(2, 0.1, 8), at(3, 0, 1))), late=False)
    assert (timers.patience, timers.drove) == (HORIZON, False)
    timers.note(before, Look(Sight.QUIET, (at(1, 0.5, 4), at(2, 0.5, 9), at(3, 0, 2))), late=True)
    assert 0.5 < timers.patience < 0.7
    assert 0.9 < timers.reach < 1.2
    assert (timers.drove, timers.brought) == (True, True)


def test_what_a_java_machine_does_for_itself_and_what_is_far_off_are_no_timers():
    timers = Timers()
    before = timers.note({}, Look(Sight.TIMED, (at(1, 0.05, 4, "VM Periodic Tas"), at(2, 30, 1))), late=False)
    timers.note(before, Look(Sight.TIMED, (at(1, 0.05, 9, "VM Periodic Tas"), at(2, 30, 2))), late=True)
    assert (timers.longest, timers.bringing, timers.drove) == (0.0, 0.0, False)

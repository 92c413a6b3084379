"""Quiet, against the truth: when the grader says that nothing more will come, nothing more comes, and all is there.

Each server of these tests passes on what one client says. The truth is in the transcript: what stands before the verdict
has arrived, and what would have stood after it is the error that these tests look for.
"""

import importlib.util
import os
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from needs import lacking
from plays import codes, heard, relay

from grader.clients.client import Condition
from grader.judge.pace import LEAST, MOST
from grader.model import Evidence, Kind, Outcome
from grader.stage import processes
from grader.stage.quiet import Sight, Watch

CORRECT = {
    "threads": "python3 relay_threads.py <port>",
    "queue and dispatcher": "python3 relay_queue.py <port>",
    "select": "python3 relay_select.py <port>",
    "selectors": "python3 relay_selectors.py <port>",
    "asyncio": "python3 relay_asyncio.py <port>",
    "uvloop": "python3 relay_uvloop.py <port>",
    "a process for each client": "python3 relay_fork.py <port>",
    "multiprocessing": "python3 relay_multiprocessing.py <port>",
    "settimeout loop": "python3 relay_timeout.py <port>",
    "poll and sleep": "python3 relay_pollsleep.py <port>",
    "C with epoll": "./relay_epoll <port>",
    "Java": "java -Xshare:auto -cp . Relay <port>",
    "Node": "node relay.js <port>",
}
BUILT = {"C with epoll": "gcc -O1 -o relay_epoll relay_epoll.c", "Java": "javac Relay.java"}
TIMERS = "gcc -O1 -pthread -o relay_timers relay_timers.c"
HIDDEN = ["timerfd", "itimer", "posix", "socket"]
SPINS = [sys.executable, "-c", "while True: pass"]
SAYS = 3
PLAY = "\n".join(f"ana > line {n}\nana (nothing)" for n in range(SAYS))


def needed(stand, server):
    if server in BUILT:
        stand.built(BUILT[server])
    elif CORRECT[server].split()[0] == "node":
        stand.built("node --version")
    elif server == "uvloop":
        found = importlib.util.find_spec("uvloop")
        if found is None or found.origin is None:
            lacking("uvloop not installed")
        # The sandbox shows no packages but the interpreter's own.
        beside = Path(stand.staging.submission) / "uvloop"
        shutil.copytree(
            Path(found.origin).parent, beside, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__")
        )
        stand.close_box()  # an open one holds a copy without it


def waits(transcript):
    return [(i, e) for i, e in enumerate(transcript.events) if e.kind is Kind.WAITED]


@pytest.mark.parametrize("server", CORRECT)
def test_at_quiet_everybody_has_the_message(stand, server):
    needed(stand, server)
    case = relay(PLAY, "ana", "beto", "caro", leftovers="allowed")
    judged = stand.conduct_and_judge(case, CORRECT[server])
    events = judged.transcript.events
    verdicts = [(i, e) for i, e in waits(judged.transcript) if e.who == "ana"]
    assert len(verdicts) == SAYS
    for number, (at, verdict) in enumerate(verdicts):
        assert verdict.note == Evidence.QUIET
        arrived = [e.who for e in events[:at] if e.kind is Kind.RECEIVED and e.data == b"line %d\n" % number]
        assert sorted(arrived) == ["beto", "caro"]
    assert not [e for e in events[verdicts[-1][0] :] if e.kind is Kind.RECEIVED]


@pytest.mark.parametrize("server", ["threads", "select"])
def test_at_quiet_a_correct_server_passes(stand, server):
    case = relay("ana > hola\nbeto, caro < hola\nana, beto, caro (nothing)", "ana", "beto", "caro")
    judged = stand.conduct_and_judge(case, CORRECT[server])
    assert (judged.outcome, judged.evidence) == (Outcome.PASSED, Evidence.QUIET)


@pytest.mark.parametrize("milliseconds", [5, 50, 300])
def test_a_message_sent_once_more_by_a_timer_comes_before_the_verdict(stand, milliseconds):
    case = relay("ana > hola\nbeto < hola\nbeto (nothing)", "ana", "beto")
    judged = stand.conduct_and_judge(case, f"python3 relay_late.py <port> {milliseconds}")
    assert codes(judged.findings) == ["came-unasked"]
    assert judged.outcome is Outcome.FAILED
    assert heard(judged.transcript, "beto") == [b"hola\n", b"hola\n"]


@pytest.mark.parametrize("milliseconds", [5, 50, 300])
def test_a_late_message_is_a_leftover_at_the_end(stand, milliseconds):
    case = relay("ana > hola\nbeto < hola", "ana", "beto")
    judged = stand.conduct_and_judge(case, f"python3 relay_late.py <port> {milliseconds}")
    assert codes(judged.findings) == ["left-over"]


@pytest.mark.parametrize("limit", [0.2, 0.9])
def test_what_a_server_sends_when_its_select_times_out_is_waited_for(stand, limit):
    """The time limit of a select is relative: how much of it has passed, the kernel does not say."""
    case = relay("ana, beto (connects)\nana > hola\nana (nothing)", leftovers="allowed")
    judged = stand.conduct_and_judge(case, f"python3 relay_select.py <port> {limit}")
    (at, verdict), _ = waits(judged.transcript)
    assert (verdict.who, verdict.note) == ("ana", Evidence.QUIET)
    assert [e.who for e in judged.transcript.events[:at] if e.kind is Kind.RECEIVED] == ["beto"]


@pytest.mark.parametrize("which", HIDDEN)
@pytest.mark.parametrize("milliseconds", [*(pytest.param(n, marks=pytest.mark.long) for n in (5, 50)), 300])
def test_what_a_timer_sends_that_no_system_call_shows_is_not_missed(stand, which, milliseconds):
    stand.built(TIMERS)
    case = relay("ana > hola\nbeto < hola\nbeto (nothing)", "ana", "beto")
    judged = stand.conduct_and_judge(case, f"./relay_timers <port> {which} {milliseconds} again")
    assert codes(judged.findings) == ["came-unasked"]
    assert heard(judged.transcript, "beto") == [b"hola\n", b"hola\n"]


@pytest.mark.parametrize(
    ("which", "evidence"),
    [
        ("timerfd", Evidence.QUIET),
        ("socket", Evidence.QUIET),
        ("itimer", Evidence.DEADLINE),
        ("posix", Evidence.DEADLINE),
    ],
)
def test_a_timer_far_off_is_read_where_it_can_be_and_else_proves_nothing(stand, which, evidence):
    stand.built(TIMERS)
    case = relay("ana > hola\nbeto < hola\nbeto (nothing)", "ana", "beto")
    judged = stand.conduct_and_judge(case, f"./relay_timers <port> {which} 60000")
    assert (judged.outcome, judged.evidence) == (Outcome.PASSED, evidence)


def test_a_server_that_delivers_slowly_has_not_fallen_silent(stand):
    """All together take several times the deadline, and it can't be proven that nothing more comes; each comes soon after the other."""
    case = relay("ana, beto (connects)\nana > m<i>  30 times\nbeto < m<i>  30 times", leftovers="allowed")
    judged = stand.conduct_and_judge(case, "python3 relay_slow_busy.py <port> 0.07")
    assert (judged.outcome, codes(judged.findings)) == (Outcome.PASSED, [])
    first, *_, last = [e.t for e in judged.transcript.events if e.kind is Kind.RECEIVED]
    assert last - first > 3 * LEAST


@pytest.mark.long
def test_while_it_delivers_slowly_no_silence_is_taken_for_one(stand):
    """What is to be thrown away all comes, however long that takes; else the rest of it would be taken for an answer."""
    case = relay("ana, beto (connects)\nana > m<i>  30 times\nbeto (skips the rest)\nana > fin\nbeto < fin")
    judged = stand.conduct_and_judge(case, "python3 relay_slow_busy.py <port> 0.07")
    assert (judged.outcome, codes(judged.findings)) == (Outcome.PASSED, [])


@pytest.mark.long
def test_one_that_talks_without_end_is_not_listened_to_for_ever(stand):
    case = relay("ana, beto (connects)\nana > hola\nbeto < hola\nbeto (nothing)", leftovers="allowed")
    judged = stand.conduct_and_judge(case, "python3 relay_slow_busy.py <port> 0.07 again")
    assert codes(judged.findings) == ["came-unasked"]
    assert judged.transcript.events[-1].t < MOST


def test_one_that_stops_in_the_middle_is_caught(stand):
    case = relay("ana, beto (connects)\nana > m<i>  30 times\nbeto < m<i>  31 times", leftovers="allowed")
    judged = stand.conduct_and_judge(case, "python3 relay_slow_busy.py <port> 0.07")
    assert (judged.outcome, judged.evidence) == (Outcome.FAILED, Evidence.DEADLINE)


def test_a_busy_loop_ends_in_a_deadline_and_not_in_quiet(stand):
    case = relay("ana, beto (connects)\nana > hola\nbeto < hola\nana (nothing)")
    judged = stand.conduct_and_judge(case, "python3 relay_busy.py <port>")
    notes = [e.note for _, e in waits(judged.transcript)]
    assert notes == [Evidence.DEADLINE, Evidence.DEADLINE]
    assert (judged.outcome, judged.evidence) == (Outcome.PASSED, Evidence.DEADLINE)


def test_a_busy_loop_is_busy_at_every_look(stand):
    with stand.started("python3 relay_busy.py <port>") as started:
        waited = started.waiter.until(lambda: False, deadline=0.05, horizon=0.05)
        assert (waited.seen, waited.evidence) == (False, Evidence.DEADLINE)
        assert waited.look.sight is Sight.BUSY


def test_a_dead_server_has_ended(stand):
    with stand.started("python3 relay_threads.py <port>") as started:
        signal.pidfd_send_signal(started.server.pidfd, signal.SIGKILL)
        waited = started.waiter.quiet()
        assert (waited.seen, waited.evidence, waited.look.sight) == (False, Evidence.SEEN, Sight.ENDED)
        assert [e.note for e in started.record.events if e.kind is Kind.EXITED] == ["-9"]


def test_a_server_that_hides_its_threads_has_not_ended(stand):
    """Root sees them all the same; an ordinary user does not, and has to fall back on a deadline."""
    with stand.started("python3 relay_late.py <port> 50 hides") as started:
        waited = started.waiter.quiet()
        assert waited.look.sight is not Sight.ENDED
        assert waited.evidence is (Evidence.QUIET if os.geteuid() == 0 else Evidence.DEADLINE)


def test_what_a_hidden_timer_sends_is_not_missed(stand):
    case = relay("ana > hola\nbeto < hola\nbeto (nothing)", "ana", "beto")
    judged = stand.conduct_and_judge(case, "python3 relay_late.py <port> 50 hides")
    assert codes(judged.findings) == ["came-unasked"]


def test_a_quiet_server_is_quiet_and_says_where_it_waits(stand):
    with stand.started("python3 relay_threads.py <port>") as started:
        started.connect("ana")
        waited = started.waiter.quiet()
        assert (waited.seen, waited.evidence, waited.look.sight) == (False, Evidence.QUIET, Sight.QUIET)
        doing = {(t.doing, t.of_client) for t in started.waiter.threads(waited.look)}
        assert doing == {("accept4", None), ("recvfrom", "ana")}


def test_what_a_frozen_client_does_not_read_is_not_on_its_way(stand):
    """The server waits until beto takes more, and beto never will: that is quiet, with megabytes under way."""
    with stand.started("python3 relay_threads.py <port>") as started:
        ana, beto = started.connect("ana"), started.connect("beto")
        assert started.waiter.quiet().evidence is Evidence.QUIET
        started.readers.drop(beto)
        beto.frozen = True
        lines, waited = memoryview(b"x" * 65535 + b"\n"), None
        while ana.send_some(lines) > 0 or ((waited := started.waiter.quiet()) and ana.send_some(lines) > 0):
            pass
        assert waited.evidence is Evidence.QUIET
        assert ("sendto", "beto") in {(t.doing, t.of_client) for t in started.waiter.threads(waited.look)}


@pytest.mark.timeout(30)
def test_a_busy_loop_ends_in_a_deadline_on_a_busy_machine_too(stand):
    """Time without a processor is not counted, of the server's or of ours; but it is not counted twice, or for ever."""
    hogs = [subprocess.Popen(SPINS, start_new_session=True) for _ in range(4 * (os.cpu_count() or 1))]
    try:
        with stand.started("python3 relay_busy.py <port>") as started:
            clients = [started.connect(f"c{n}") for n in range(8)]
            waited = started.waiter.until(lambda: False, deadline=0.3, horizon=0.3)
            assert (waited.seen, waited.evidence) == (False, Evidence.DEADLINE)
            assert all(client.condition is Condition.CONNECTED for client in clients)
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()


WRITES = "import os, sys; os.write(int(sys.argv[1]), b'x' * (1 << 20))"
SENDS_TO_NOBODY = "import socket; a, b = socket.socketpair(); a.sendall(b'x' * (8 << 20))"


@pytest.mark.parametrize(
    ("code", "words", "sight"),
    [(WRITES, ("1",), Sight.BUSY), (WRITES, ("2",), Sight.BUSY), (SENDS_TO_NOBODY, (), Sight.QUIET)],
)
def test_a_server_that_waits_until_we_have_read_what_it_prints_is_not_quiet(stand, code, words, sight):
    """A grader that is late in reading would else be the server's fault. Who waits for a client to read is another matter."""
    read, printing = os.pipe()
    silent, held = os.pipe()
    _, pidfd = stand.box.start(["python3", "-c", code, *words], {"PATH": "/usr/bin:/bin"}, (silent, printing, printing))
    watch = Watch(lambda: processes.descendants(stand.box.agent), lambda: False, lambda: False)
    try:
        looks = []
        while not any(t.wait and t.wait.call in ("write", "sendto") for look in looks[-1:] for t in look.tasks):
            select.select([pidfd], [], [], 0.01)
            looks.append(watch.look(watch.begin()))
        assert {watch.look(watch.begin()).sight for _ in range(20)} == {sight}
    finally:
        stand.box.clear()
        for descriptor in (read, printing, silent, held, pidfd):
            os.close(descriptor)


@pytest.mark.long
def test_a_java_machine_with_hundreds_of_threads_is_found_quiet_on_a_busy_machine(stand):
    """One of its own threads wakes up more often than all threads can be looked at."""
    needed(stand, "Java")
    hogs = [subprocess.Popen(SPINS, start_new_session=True) for _ in range(2 * (os.cpu_count() or 1))]
    try:
        with stand.started(CORRECT["Java"], crowd=True) as started:
            for name in (f"c{number}" for number in range(300)):
                started.connect(name)
                accepted = started.waiter.until(lambda name=name: not started.waiter.unaccepted(name), deadline=20.0)
                assert accepted.seen
            assert started.waiter.quiet().evidence is Evidence.QUIET
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()

"""Bad luck in the place where it would cost a point: a thread of the grader is held up there, and a correct server still passes.

Each of these places was found by `bench/chaos.py`, or by thought. What is held waits until whatever must not overtake it has
happened, or for a moment, if that never happens: as it ought to be.
"""

import errno
import os
import select
import socket
import threading

import pytest
from plays import chat, codes, relay
from test_conductor import CASES

from grader.clients.client import Client
from grader.clients.datagrams import DatagramClient
from grader.clients.record import Record
from grader.conduct.own_time import OwnTime
from grader.conduct.program_client import ProgramClient
from grader.judge.programs import EXITED
from grader.judge.strays import LOST
from grader.model import Evidence, Kind, Outcome, Protocol, Verb
from grader.stage import processes, sockdiag
from grader.wire.framings import framing

A_MOMENT, DEADLINE, PATIENCE = 0.4, 0.3, 20


@pytest.fixture
def held(monkeypatch):
    """Holds whoever is about to record one thing, until another thing has been recorded."""

    def hold(one, until, times=1):
        note, happened, left = Record.note, threading.Event(), [None] * times

        def late(self, who, kind, *more, **words):
            if (who, kind) == one:
                happened.wait(A_MOMENT)
            at = note(self, who, kind, *more, **words)
            if (who, kind) == until:
                del left[-1:]
                if not left:
                    happened.set()
            return at

        monkeypatch.setattr(Record, "note", late)

    return hold


def test_an_end_that_is_recorded_late_is_still_before_what_follows_from_it(stand, held):
    """Somebody whom the server has hung up on: the next act waits until that is recorded, or the judge would not find it."""
    held(("ana", Kind.SERVER_CLOSED), until=("beto", Kind.SENT), times=2)
    judged = stand.conduct_and_judge(CASES["hung up on"])
    assert (judged.outcome, codes(judged.findings)) == (Outcome.PASSED, [])


def test_nothing_is_heard_on_a_connection_before_it_stands_in_the_record():
    """What came before it would belong to the connection before, and would be thrown away with that."""

    class ReadByAnother(Record):
        """Another thread reads the client, as it may at any moment, while its connection is being recorded."""

        def note(self, who, kind, *more, **words):
            if kind is Kind.CONNECTED:
                client.drain(thoroughly=True)
            return super().note(who, kind, *more, **words)

    record = ReadByAnother()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = Client("ana", socket.socket(), record, framing(Protocol()))
        client.connect(listener.getsockname())
        end, _ = listener.accept()
    with end:
        end.sendall(b"name?\n")
        assert select.select([client.socket], [], [], PATIENCE)[0]
        client.begin(0)
        client.drain()
    client.reset()
    assert [e.kind for e in record.events] == [Kind.CONNECTED, Kind.RECEIVED]


def test_what_comes_while_an_inbox_is_emptied_is_there_for_conductor_and_judge_alike(stand, monkeypatch):
    """It is recorded just before the line that empties the inbox: both throw it away, and not only the one of them."""
    note = Record.note

    def meets(self, who, kind, data=b"", note_=None, *more, **words):
        if words.get("note") == "skipped":
            self.note_all("beto", Kind.RECEIVED, [b"late\n"])
        return note(self, who, kind, data, *([note_] if note_ is not None else []), *more, **words)

    monkeypatch.setattr(Record, "note", meets)
    play = "ana > hola\nbeto (skips the rest)\nana > adi\u00f3s\nbeto < adi\u00f3s"
    judged = stand.conduct_and_judge(relay(play, "ana", "beto"), "python3 relay_threads.py <port>")
    assert (judged.outcome, codes(judged.findings)) == (Outcome.PASSED, [])


@pytest.mark.parametrize("said", ["ana, beto >> hola\\n", "together:\n  ana > hola\n  beto > hola"])
def test_an_act_waits_until_all_have_been_read_who_acted_before_it(stand, monkeypatch, said):
    note, unread = Record.note, []

    def looks(self, who, kind, *more, **words):
        if (who, kind) == ("caro", Kind.SENT):
            unread.extend(
                row.unread for row in stand.box.diag.rows(1 << sockdiag.ESTABLISHED) if row.here[1] == stand.port
            )
        return note(self, who, kind, *more, **words)

    monkeypatch.setattr(Record, "note", looks)
    case = relay(f"ana (connects)\nbeto (connects)\ncaro (connects)\n{said}\ncaro > adi\u00f3s", leftovers="allowed")
    assert stand.conduct_and_judge(case, "python3 dozes.py <port>").outcome is Outcome.PASSED
    assert unread == [0, 0, 0]


def test_a_program_has_not_ended_for_anybody_before_its_end_is_in_the_record(stand):
    """Else who waits for its end goes on, and the judge finds no end before that."""
    seen = []

    class AskedByAnother(Record):
        """Another thread asks, while the end is being recorded."""

        def note(self, who, kind, *more, **words):
            if words.get("note", "").startswith(EXITED):
                other = threading.Thread(target=lambda: seen.append((client.ended, len(self.events))), daemon=True)
                other.start()
                other.join(A_MOMENT)
            return super().note(who, kind, *more, **words)

    client = ProgramClient("ana", AskedByAnother(), stand.box)
    client.start(["/bin/true"], {"PATH": "/bin"}, 0)
    client.wait_for_end(PATIENCE)
    assert client.ended
    while not seen:
        client.record.wait(len(client.record.events), 0.01)
    client.reset()
    stand.box.clear()
    assert seen == [(True, 2)]


def test_a_datagram_that_has_arrived_is_not_the_next_one_that_gets_lost():
    record = Record()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        client = DatagramClient("ana", made, record, framing(Protocol(transport="udp")), anywhere=False, again=False)
        client.connect(server.getsockname())
        client.begin(0)
        server.sendto(b"before\n", ("127.0.0.1", client.here[1]))
        assert select.select([client.socket], [], [], PATIENCE)[0]
        client.meddle(Verb.LOSES, 1)
        server.sendto(b"after\n", ("127.0.0.1", client.here[1]))
        assert select.select([client.socket], [], [], PATIENCE)[0]
        client.drain()
    client.reset()
    assert [(e.data, e.note) for e in record.events if e.data] == [(b"before\n", ""), (b"after\n", LOST)]


# -- a server that goes on as another process ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "play", ["ana > hola\nbeto < hola", "server (gets SIGTERM)\nserver (stops)\nserver (starts)\nana (connects)"]
)
def test_a_daemon_that_listens_after_its_parents_have_ended_has_not_failed(stand, play):
    case = relay(play, *(["ana", "beto"] if "beto" in play else []))
    judged = stand.conduct_and_judge(case, "python3 daemon.py <port>")
    assert (judged.outcome, codes(judged.findings)) == (Outcome.PASSED, [])


def test_a_daemon_that_ends_before_it_listens_has(stand):
    judged = stand.conduct_and_judge(relay("server (listens)"), "python3 daemon.py <port> dies")
    assert codes(judged.findings) == ["exited-early"]


def test_a_process_that_passes_on_its_work_while_the_list_is_read_is_not_taken_for_gone(stand, monkeypatch):
    """It forks and ends when it has been listed, and before it is asked for its children: its child falls to the agent."""
    with stand.started("python3 daemon.py <port> hops") as running:
        (first,) = running.server.living()
        children, asked = processes.children, []

        def late(pid):
            if pid == first and not asked:
                asked.append(os.pidfd_open(pid))
                running.server.output.type(b"hop\n")
                assert select.select(asked, [], [], PATIENCE)[0]
            return children(pid)

        monkeypatch.setattr(processes, "children", late)
        assert set(running.server.living()) - {first}
        os.close(*asked)


# -- deadlines, where nothing can be proven -----------------------------------------------------------------------------


def test_time_in_which_whoever_waits_was_held_up_is_not_the_servers(stand):
    """A machine that stood still: to whoever looks then the deadline is over, and the server has had no time at all."""
    with stand.started("python3 relay_busy.py <port>") as running:
        turns = []

        def pause(seconds):
            turns.append(threading.Event().wait(seconds if turns else 3 * DEADLINE))

        waited = running.waiter.until(lambda: len(turns) > 5, deadline=DEADLINE, pause=pause)
        assert waited.seen
        assert running.waiter.until(lambda: False, deadline=DEADLINE, pause=pause).evidence is Evidence.DEADLINE


def test_a_look_that_takes_its_time_makes_nobody_late(stand, monkeypatch):
    """How long somebody waited for a processor is taken from what was measured: less than nothing would be added to it."""
    with stand.started("python3 relay_threads.py <port>") as running:
        clock, look = OwnTime(running.server), processes.look

        def late(*asked, **how):
            threading.Event().wait(A_MOMENT)
            return look(*asked, **how)

        monkeypatch.setattr(processes, "look", late)
        before = clock.wall()
        assert clock.delayed() >= 0
        assert clock.passed() <= clock.wall() - A_MOMENT
        assert clock.passed() > before


def test_what_has_arrived_by_the_deadline_counts_though_whoever_reads_is_late(stand):
    with stand.started("python3 relay_busy.py <port>") as running:
        ana, beto = running.connect("ana"), running.connect("beto")
        beto.socket.sendall(b"here\n")
        assert running.waiter.until(lambda: ana.received > 0, deadline=PATIENCE).seen  # both have been accepted
        running.readers.drop(beto)
        ana.socket.sendall(b"hola\n")
        assert running.waiter.until(
            lambda: "beto" in [e.who for e in running.record.events if e.data], deadline=1.0
        ).seen


# -- calls that come late -----------------------------------------------------------------------------------------------


def test_a_call_that_the_kernel_threw_away_comes_a_second_later_and_is_waited_for(stand):
    """The queue of the port has room for two; by the time of the third one's second call it is empty, and the server looks quiet."""
    with stand.started("python3 narrow.py <port> later") as running:
        running.connect("ana"), running.connect("beto")
        caro = running.clients["caro"] = Client("caro", running.box.socket(), running.record, framing(Protocol()))
        assert caro.connect(("127.0.0.1", running.port)) == errno.EINPROGRESS
        assert running.waiter.quiet().evidence is Evidence.QUIET  # the queue is full: nothing comes by itself
        running.server.output.type(b"accept them\n")
        assert running.waiter.until(lambda: running.clients["beto"].received > 0, deadline=PATIENCE).seen
        assert running.waiter.until(lambda: caro.connected() == 0, deadline=PATIENCE).seen


def test_where_the_queue_stays_full_nobody_is_on_the_way(stand):
    judged = stand.conduct_and_judge(relay("ana, beto, caro, dani (connects)"), "python3 narrow.py <port> never")
    assert (codes(judged.findings), judged.evidence) == (["not-accepted"], Evidence.QUIET)


def test_a_call_of_which_the_server_is_not_told_yet_is_on_its_way(stand):
    """With TCP_DEFER_ACCEPT the kernel tells a server of a client that says nothing only after a second."""
    with stand.started("python3 narrow.py <port> deferred") as running:
        ana = running.connect("ana")
        assert running.waiter.until(lambda: ana.received > 0, deadline=PATIENCE).seen


# -- laws: what one client has read, and another one not yet ---------------------------------------------------------

GLUED = "ana (connects)\nana < name?\nana >> ana\\nhola\\n/who\\n\nana < welcome ana\n"
LATE = "beto (join)\nana (connected)\nana < name?\nana >> ana\\nhola\\n/who\\n\nbeto < * ana joined\nbeto < ana: {}\nana < welcome ana"
ALL_LAWS = ("lost", "invented", "torn", "order", "doubled")


@pytest.mark.parametrize("expected", ["", "beto < * ana joined\nbeto < ana: hola"])
@pytest.mark.parametrize(
    ("heard", "found"),
    [
        ("hola", []),
        ("adiós", ["invented", "lost"]),
        ("hola\nbeto < ana: hola", ["doubled"]),
        ("hola\nbeto < ana: /who", ["invented"]),
    ],
)
def test_who_hears_somebody_before_we_have_read_her_welcome_hears_what_she_said(heard, found, expected):
    """Two threads of ours read two clients: one sees what the server sent later before the other one sees what it sent first."""
    case = chat(GLUED + (expected if not found else ""), "beto", leftovers="allowed", law=ALL_LAWS)
    told = case.judged(LATE.format(heard) + "\nserver (waited) quiet")
    assert codes(told.findings) == found


BACK = "ana > uno\nana > dos\nana (leaves)\nbeto (skips to * ana left)\nana (joins)\nbeto < * ana joined\nana > tres"
AGAIN = "ana (connected)\nana < name?\nana > ana\nana < welcome ana\nbeto < * ana joined\nana > tres"


def test_who_comes_back_has_said_what_it_said_before(stand):
    judged = stand.conduct_and_judge(chat(f"{BACK}\nbeto < ana: tres", "ana", "beto", law=ALL_LAWS))
    assert (judged.outcome, codes(judged.findings)) == (Outcome.PASSED, [])


@pytest.mark.parametrize(
    ("first", "then", "found"),
    [
        ("beto < ana: uno\nbeto < ana: dos", "beto < ana: tres", []),
        ("beto < ana: uno\nbeto < ana: dos", "", ["lost"]),
        ("beto < ana: dos\nbeto < ana: uno", "beto < ana: tres", ["reordered"]),
        ("beto < ana: dos", "beto < ana: tres", ["lost"]),
        ("beto < ana: dos", "beto < ana: tres\nbeto < ana: uno", ["reordered"]),
    ],
)
def test_of_both_connections_everything_counts(first, then, found):
    case = chat(BACK, "ana", "beto", leftovers="allowed", law=ALL_LAWS)
    story = f"ana, beto (join)\nana > uno\nana > dos\n{first}\nana (closed)\nbeto < * ana left\n{AGAIN}\n{then}\nserver (waited) quiet"
    assert codes(case.judged(story).findings) == found

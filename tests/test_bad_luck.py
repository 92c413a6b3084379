"""Bad luck in the place where it would cost a point: a thread of the grader is held up there, and a correct server still passes.

Each of these places was found by `bench/chaos.py`, or by thought. What is held waits until whatever must not overtake it has
happened, or for a moment, if that never happens: as it ought to be.
"""

import os
import select
import socket
import threading

import pytest
from plays import chat, codes, relay

from grader.clients.client import Client
from grader.clients.record import Record
from grader.model import Kind, Outcome, Protocol
from grader.stage import processes
from grader.wire.framings import framing

A_MOMENT, PATIENCE = 0.4, 20


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
    play = "ana > /quit\nana (is disconnected)\nbeto > /who\nbeto < * ana left\nbeto < * here: beto"
    held(("ana", Kind.SERVER_CLOSED), until=("beto", Kind.SENT), times=2)
    judged = stand.conduct_and_judge(chat(play, "ana", "beto"))
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

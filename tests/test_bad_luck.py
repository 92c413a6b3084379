"""Bad luck in the place where it would cost a point: a thread of the grader is held up there, and a correct server still passes.

Each of these places was found by `bench/chaos.py`, or by thought. What is held waits until whatever must not overtake it has
happened, or for a moment, if that never happens: as it ought to be.
"""

import select
import socket
import threading

import pytest
from plays import chat, codes

from grader.clients.client import Client
from grader.clients.record import Record
from grader.model import Kind, Outcome, Protocol
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

"""Clients and their readers over real connections: what arrives is recorded, and each way of leaving looks as it should."""

import errno
import select
import socket
import threading

import pytest

from grader.clients.client import Client, Condition
from grader.clients.readers import Readers
from grader.clients.record import Record
from grader.model import Kind, Protocol
from grader.stage.sockdiag import TIME_WAIT, Diag
from grader.wire.framings import framing

PATIENCE = 20


class Pair:
    """A client and the server's end of its connection, read by nobody yet."""

    def __init__(self, record, name="ana"):
        self.record = record
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.client = Client(name, socket.socket(), record, framing(Protocol()))
            self.client.connect(listener.getsockname())
            self.end, _ = listener.accept()
        assert self.client.connected() == 0
        self.client.begin(0)

    def kinds(self):
        return [e.kind for e in self.record.events if e.who == self.client.name]

    def received(self):
        return [(e.data, e.note) for e in self.record.events if e.who == self.client.name and e.kind is Kind.RECEIVED]

    def wait_for(self, kind):
        """Until the record holds such an event."""
        seen = 0
        while kind not in [e.kind for e in self.record.events[:seen] if e.who == self.client.name]:
            self.record.wait(seen, PATIENCE)
            assert len(self.record.events) > seen, f"no {kind} came"
            seen = len(self.record.events)

    def until_arrived(self):
        assert select.select([self.client.socket], [], [], PATIENCE)[0]


@pytest.fixture
def record():
    return Record()


@pytest.fixture
def pair(record):
    made = Pair(record)
    yield made
    made.end.close()
    made.client.reset()


@pytest.fixture
def readers(record):
    made = Readers(record, crowd=False)
    yield made
    made.stop()


# -- what arrives -----------------------------------------------------------------------------------------------------


def test_what_arrives_is_recorded_as_messages(pair):
    pair.end.sendall(b"one\ntw")
    pair.until_arrived()
    pair.client.drain(thoroughly=True)
    assert pair.received() == [(b"one\n", "")]
    pair.end.sendall(b"o\r\n")
    pair.until_arrived()
    pair.client.drain(thoroughly=True)
    assert pair.received() == [(b"one\n", ""), (b"two\r\n", "")]


def test_a_reader_records_without_being_asked(pair, readers):
    readers.add(pair.client)
    pair.end.sendall(b"hello\n")
    pair.wait_for(Kind.RECEIVED)
    assert pair.received() == [(b"hello\n", "")]


def test_the_end_of_the_stream_is_recorded_with_what_was_unended(pair, readers):
    readers.add(pair.client)
    pair.end.sendall(b"hello\nhal")
    pair.end.close()
    pair.wait_for(Kind.SERVER_CLOSED)
    assert pair.received() == [(b"hello\n", ""), (b"hal", "unended")]
    assert (pair.client.condition, pair.client.at_end) == (Condition.CUT, True)


def test_a_reset_is_told_from_a_close(pair, readers):
    readers.add(pair.client)
    pair.client.send_some(memoryview(b"never read"))
    pair.end.close()  # with bytes unread the kernel resets
    pair.wait_for(Kind.SERVER_RESET)
    assert Kind.SERVER_CLOSED not in pair.kinds()
    assert pair.client.condition is Condition.CUT


def test_a_frozen_client_reads_nothing_until_it_thaws(pair, readers):
    readers.add(pair.client)
    readers.drop(pair.client)
    pair.client.frozen = True
    pair.end.sendall(b"hello\n")
    pair.until_arrived()
    pair.client.drain(thoroughly=True)
    assert pair.received() == []
    pair.client.frozen = False
    readers.add(pair.client)
    pair.wait_for(Kind.RECEIVED)
    assert pair.received() == [(b"hello\n", "")]


@pytest.fixture
def many(record):
    pairs = [Pair(record, f"c{n}") for n in range(40)]
    yield pairs
    for pair in pairs:
        pair.end.close()
        pair.client.reset()


def speak_to(pairs):
    for pair in reversed(pairs):
        pair.end.sendall(f"for {pair.client.name}\n".encode())


def test_each_client_is_read_by_a_thread_of_its_own(record, many):
    readers, before = Readers(record, crowd=False), threading.active_count()
    for pair in many:
        readers.add(pair.client)
    assert threading.active_count() - before == len(many)
    speak_to(many)
    for pair in many:
        pair.wait_for(Kind.RECEIVED)
        assert pair.received() == [(f"for {pair.client.name}\n".encode(), "")]
    readers.stop()
    assert threading.active_count() == before


def test_a_crowd_is_read_by_whoever_waits_for_it(record, many):
    readers, before = Readers(record, crowd=True), threading.active_count()
    for pair in many:
        readers.add(pair.client)
    assert threading.active_count() == before
    speak_to(many)
    awaited = many[:30]
    pause = readers.attending(pair.client for pair in awaited)
    while not all(pair.received() for pair in awaited):
        seen = len(record.events)
        pause(PATIENCE)
        assert len(record.events) > seen
    for pair in awaited:
        assert pair.received() == [(f"for {pair.client.name}\n".encode(), "")]
    assert not any(pair.received() for pair in many[30:])
    readers.stop()


def test_a_flood_is_recorded_whole_and_in_order(pair, readers):
    readers.add(pair.client)
    lines = [b"%d %s\n" % (n, b"x" * 1000) for n in range(3000)]
    threading.Thread(target=pair.end.sendall, args=(b"".join(lines),), daemon=True).start()
    seen = 0
    while seen < 1 + len(lines):
        pair.record.wait(seen, PATIENCE)
        assert len(pair.record.events) > seen
        seen = len(pair.record.events)
    assert [data for data, _ in pair.received()] == lines


# -- what is sent -----------------------------------------------------------------------------------------------------


def test_what_is_sent_is_counted(pair):
    assert pair.client.send_some(memoryview(b"hello\n")) == 6
    assert pair.client.sent == 6
    assert pair.end.recv(100) == b"hello\n"


def test_a_full_queue_takes_nothing_and_is_no_error(pair):
    while pair.client.send_some(memoryview(bytes(1 << 20))) > 0:
        pass
    assert pair.client.condition is Condition.CONNECTED
    assert pair.client.sent > 0


def test_sending_into_a_broken_connection_says_so(pair):
    pair.client.send_some(memoryview(b"never read"))
    pair.end.close()
    pair.until_arrived()
    assert pair.client.send_some(memoryview(b"more")) == -1
    assert pair.client.condition is Condition.CUT


def test_a_refused_connection_is_an_error_however_often_it_is_asked(record):
    """The kernel tells a socket's error once and forgets it."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        client = Client("ana", socket.socket(), record, framing(Protocol()))
        client.connect(nobody.getsockname())
        assert select.select([], [client.socket], [], PATIENCE)[1]
        answers = [client.connected() for _ in range(3)]
        client.reset()
    assert answers == [errno.ECONNREFUSED] * 3


# -- ways of leaving --------------------------------------------------------------------------------------------------


def test_a_client_that_leaves_ends_its_stream_and_still_reads(pair, readers):
    readers.add(pair.client)
    pair.client.half_close(Kind.CLOSED, 5)
    assert pair.end.recv(10) == b""
    pair.end.sendall(b"goodbye\n")
    pair.wait_for(Kind.RECEIVED)
    pair.end.close()
    pair.wait_for(Kind.SERVER_CLOSED)
    assert pair.kinds() == [Kind.CONNECTED, Kind.CLOSED, Kind.RECEIVED, Kind.SERVER_CLOSED]
    assert pair.record.events[-1].note == "after-leaving"
    assert pair.client.condition is Condition.GONE


def test_a_half_closed_client_is_still_there(pair):
    pair.client.half_close(Kind.HALF_CLOSED, 5)
    assert pair.end.recv(10) == b""
    assert pair.client.condition is Condition.CONNECTED


def test_a_client_that_crashes_resets(pair):
    pair.client.crash(5)
    with pytest.raises(ConnectionResetError):
        pair.end.recv(10)
    assert (pair.client.condition, pair.client.crashed) == (Condition.GONE, True)


def test_a_reset_leaves_no_trace_in_the_kernel(pair):
    here, there = pair.client.here, pair.client.there
    pair.end.close()
    pair.until_arrived()
    pair.client.reset()
    diag = Diag()
    rows = diag.rows(1 << TIME_WAIT)
    diag.close()
    assert not [r for r in rows if {r.here, r.there} == {here, there}]


def test_an_orderly_close_leaves_one(pair):
    here, there = pair.client.here, pair.client.there
    pair.end.close()
    pair.until_arrived()
    pair.client.drain(thoroughly=True)
    pair.client.half_close(Kind.CLOSED, 5)
    diag = Diag()
    rows = diag.rows(1 << TIME_WAIT)
    diag.close()
    assert [r for r in rows if {r.here, r.there} == {here, there}]


def test_a_reset_may_come_twice(pair):
    pair.client.reset()
    pair.client.reset()
    assert pair.client.socket.fileno() < 0


# -- the record -------------------------------------------------------------------------------------------------------


def test_times_never_go_back_whoever_writes(record):
    def write(name):
        for _ in range(500):
            record.note(name, Kind.NOTED)

    writers = [threading.Thread(target=write, args=(f"w{n}",)) for n in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    times = [e.t for e in record.events]
    assert len(times) == 4000
    assert times == sorted(times)


def test_whoever_waits_is_woken_by_an_event(record):
    waiter = threading.Thread(target=record.wait, args=(0, 3600))
    waiter.start()
    record.note("ana", Kind.NOTED)
    waiter.join(PATIENCE)
    assert not waiter.is_alive()


def test_an_event_that_is_there_already_is_not_waited_for(record):
    record.note("ana", Kind.NOTED)
    record.wait(0, 3600)
    assert len(record.events) == 1

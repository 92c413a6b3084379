"""One client of a check: a socket, the thread that reads it, and the acts that a play can ask of it.

What arrives is recorded the moment it can be read, whether a play waits for it or not; what is sent is recorded before
it is sent, so that no answer can stand before its cause. TCP_NODELAY and TCP_QUICKACK are set, the latter again after
each read: without them every second exchange with a server that does not care costs 43 ms of delayed acknowledgement.

A client leaves in the way that its act says. Where the play says nothing it is closed at the end by a reset, after the
server has ended: an orderly close by the grader would leave a TIME_WAIT that the next server could trip over.
"""

from __future__ import annotations

import contextlib
import errno
import select
import socket
import struct
import threading
from collections import deque
from collections.abc import Sequence
from enum import StrEnum

from grader.clients.record import Record
from grader.judge.happened import UNFINISHED
from grader.judge.laws import ACKNOWLEDGED
from grader.model import Kind
from grader.wire.acknowledging import Acknowledging
from grader.wire.framing import Broken, Framing

READ = 256 << 10
MOST_SHOWN = 200
"""Bytes of an unfinished message that are recorded."""
RESET = struct.pack("ii", 1, 0)


class Condition(StrEnum):
    """How far a client has got. `GONE` clients left by their own act; `CUT` ones by the server's."""

    NEW = "new"
    CONNECTED = "connected"
    CUT = "cut"
    GONE = "gone"


class Client:
    """A client by name; `framing` is of what it receives. `at_end`: the server has ended its direction, and we read that."""

    connectionless = False
    """Whether it speaks in datagrams, or not over the network at all: the kernel lists no connection of it."""

    def __init__(self, name: str, sock: socket.socket, record: Record, framing: Framing) -> None:
        self.name = name
        self.socket = sock
        self.record = record
        self.condition = Condition.NEW
        self.frozen = False
        self.at_end = False
        self.crashed = False
        self.sent = 0
        self.received = 0
        self.here: tuple[str, int] = ("", 0)
        self.there: tuple[str, int] = ("", 0)
        self.framing = framing
        self.writing = threading.Lock()
        """Held while a message is being sent: nothing else may come in between."""
        self.acknowledging = Acknowledging(framing.protocol)
        self.acknowledges = True
        """Whether it answers by itself now what the protocol says that it acknowledges."""
        self._answers: deque[tuple[bytes, str]] = deque()
        self._outcome: int | None = None
        self._reading = threading.Lock()
        sock.setblocking(False)
        self.tune()

    def tune(self) -> None:
        """Let nothing that is sent wait in our own kernel."""
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def connect(self, address: tuple[str, int]) -> int:
        """Begin to connect; returns 0, EINPROGRESS, or the error of the system. `connected` asks how it went on."""
        begun = self.socket.connect_ex(address)
        self.there = address  # only now: an answer is asked for as soon as it is known whom the client has called
        return begun

    def connected(self) -> int | None:
        """0 once the connection stands, an error number if it failed, None while it is on its way."""
        with self._reading:  # the kernel tells the error once, and then forgets it
            if self._outcome is None and self.socket.fileno() >= 0 and select.select([], [self.socket], [], 0)[1]:
                self._outcome = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            return self._outcome

    def begin(self, step: int) -> None:
        """The connection stands: remember its two ends (a reset makes them unknown), and record it."""
        self.here = self.socket.getsockname()[:2]
        self.acknowledge()
        # Recorded first: from then on any thread may read what the server says, and nothing is heard on a connection before it.
        self.record.note(self.name, Kind.CONNECTED, step=step)
        self.condition = Condition.CONNECTED

    def acknowledge(self) -> None:
        """Acknowledge at once what comes: the server may wait for that."""
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)

    def send_some(self, data: memoryview) -> int:
        """Send what the kernel takes now: the number of bytes, 0 when its queue is full, -1 when the connection is gone."""
        try:
            sent = self.socket.send(data)
        except BlockingIOError:
            return 0
        except OSError:
            self._cut()
            return -1
        self.sent += sent
        return sent

    @property
    def descriptor(self) -> int:
        """What is readable when something has arrived."""
        return self.socket.fileno()

    @property
    def unsent(self) -> bool:
        """Whether something that was taken to be sent still waits for the kernel: `send_some` goes on with it."""
        return False

    @property
    def writable(self) -> bool:
        """Whether the kernel would take more of what is to be sent."""
        return bool(select.select([], [self.socket], [], 0)[1])

    def drain(self, *, thoroughly: bool = False) -> None:
        """Record what has arrived. Any thread may call it; `thoroughly` goes on until there is nothing more."""
        with self._reading:
            while not (self.frozen or self.at_end or self.condition is Condition.NEW or self.socket.fileno() < 0):
                try:
                    data = self.socket.recv(READ)
                except BlockingIOError:
                    return
                except OSError as problem:
                    if problem.errno != errno.EBADF:
                        self._end(Kind.SERVER_RESET)
                    return
                with contextlib.suppress(OSError):
                    self.acknowledge()
                if not data:
                    self._end(Kind.SERVER_CLOSED)
                    return
                self._take_in(data)
                if len(data) < READ and not thoroughly:
                    return  # most often there is nothing more, and asking costs as much as reading

    def _take_in(self, data: bytes) -> None:
        self.received += len(data)
        whole = self.framing.broken is None
        messages = self.framing.feed(data)
        self.record.note_all(self.name, Kind.RECEIVED, messages)
        if self.framing.broken is not None and whole:
            self.record.note(self.name, Kind.RECEIVED, self.framing.shown, note=self.framing.broken.note())
        if answer := self.framing.answers():
            self._answers.append((answer, "answer"))
        self._acknowledge(messages)

    def _acknowledge(self, messages: Sequence[bytes]) -> None:
        """Answer these messages by itself, as far as the protocol says so."""
        if self.acknowledges and self.acknowledging:
            answers = (self.acknowledging.answer(message, self.framing) for message in messages)
            self._answers.extend((answer, ACKNOWLEDGED) for answer in answers if answer)
        if self._answers:
            self.answer()

    def answer(self) -> None:
        """Send what the protocol itself answers to what came, unless a message is on its way out: then after it."""
        while self._answers and self.writing.acquire(blocking=False):
            try:
                data, note = self._answers.popleft()
                self.record.note(self.name, Kind.SENT, data, note=note)
                self.send_some(memoryview(data))  # a few bytes; a server that takes none gets none
            except IndexError:
                return  # another thread was quicker
            finally:
                self.writing.release()

    def flush(self) -> bool:
        """Nothing more comes now: what has come so far may be a message. Whether it was one."""
        if not self.framing.by_quiet:
            return False
        with self._reading:
            messages = self.framing.flush()
            self.record.note_all(self.name, Kind.RECEIVED, messages)
        return bool(messages)

    def flying(self) -> bool:
        """Whether something is on its way here that the kernel's list of sockets does not show."""
        return False

    def note_unfinished(self) -> None:
        """Nothing more comes: record what has come of a message that did not end."""
        if begun := self.framing.rest():
            self.record.note(self.name, Kind.NOTED, begun[:MOST_SHOWN], note=UNFINISHED)

    def half_close(self, kind: Kind, step: int) -> None:
        """End our direction of the connection: the server reads the end of the stream, and may still answer."""
        self.record.note(self.name, kind, step=step)
        if self.condition is Condition.CUT:
            self.socket.close()  # the server has closed already: this close is the orderly end of both directions
        else:
            with contextlib.suppress(OSError):
                self.socket.shutdown(socket.SHUT_WR)
        if kind is Kind.CLOSED:
            self.condition = Condition.GONE

    def crash(self, step: int) -> None:
        """Vanish as a machine without power does: a reset, and nothing of what was under way arrives."""
        self.record.note(self.name, Kind.CRASHED, step=step)
        self.condition = Condition.GONE
        self.crashed = True
        self.reset()

    def end_stream(self) -> None:
        """End our direction of the connection, when the transcript is complete: it is not recorded."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)

    def hang_up(self) -> None:
        """Close as a program that ends does: in good order, unless it has not read everything. Safe to call more than once."""
        with self._reading:
            self.socket.close()

    def reset(self) -> None:
        """Close with a reset and leave no trace. Safe to call more than once."""
        with self._reading:
            if self.socket.fileno() < 0:
                return
            with contextlib.suppress(OSError):
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            self.socket.close()

    def _end(self, kind: Kind) -> None:
        """The server's direction has ended. `at_end` comes last: whoever sees it goes on, and what it does is recorded behind."""
        self.record.note_all(self.name, Kind.RECEIVED, self.framing.flush())
        if rest := self.framing.rest():
            note = "unended" if self.framing.ends_at_close else Broken("unended", {}).note()
            self.record.note(self.name, Kind.RECEIVED, rest, note=note)
        was_gone = self.condition is Condition.GONE
        self._cut()
        if was_gone:
            self.condition = Condition.GONE
        self.record.note(self.name, kind, note="after-leaving" if was_gone else "")
        self.at_end = True

    def _cut(self) -> None:
        if self.condition is not Condition.GONE:
            self.condition = Condition.CUT

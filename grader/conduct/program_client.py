"""A client that is a program: started in the box, typed to at its terminal, and read there as a person would.

To a play it is a client like any other: `ana > hola` types a line, and `ana < beto: hola` waits for one on its screen.
Both of its streams are its screen. A prompt ends no line; it is one when nothing more comes. How the program speaks to the
server is its own affair, which the other clients hear of.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import threading
from collections.abc import Mapping, Sequence

from grader.clients.client import Client, Condition
from grader.clients.record import Record
from grader.judge.programs import EXITED
from grader.model import Kind, Protocol
from grader.stage.box import Box, outer_pid
from grader.stage.limits import SERVER, Limits
from grader.stage.output import Output
from grader.wire.framings import framing


class ProgramClient(Client):
    """`started` is called once; what it prints is recorded as what this client got."""

    connectionless = True

    def __init__(self, name: str, record: Record, box: Box) -> None:
        super().__init__(name, socket.socket(), record, framing(Protocol()))
        self._box = box
        self._errors = framing(Protocol())
        self._pid, self._pidfd = 0, -1
        self._noted = False
        self._ending = threading.Lock()
        """Held while its end is noted: nobody may go on from it before."""
        self._open = False
        self.output = Output(self._heard, lines=True)

    def start(self, argv: Sequence[str], environment: Mapping[str, str], step: int, limits: Limits = SERVER) -> None:
        """Start the program, as the act of a play."""
        self.condition = Condition.CONNECTED
        self.record.note(self.name, Kind.CONNECTED, note=" ".join(argv), step=step)
        self._pid, self._pidfd = self._box.start(list(argv), dict(environment), self.output.descriptors, limits)
        self._box.others.add(outer_pid(self._pidfd))
        self.output.started()
        self._open = True

    def type(self, data: bytes) -> None:
        """Type at its terminal."""
        self.output.type(data)

    @property
    def has_read(self) -> bool:
        """Whether nothing that was typed waits to be read."""
        return self.ended or not self.output.untyped()

    @property
    def ended(self) -> bool:
        """Whether it has ended; what it said before is recorded by then, and that it ended."""
        with self._ending:
            if not self._noted and self._open and select.select([self._pidfd], [], [], 0)[0]:
                self.output.catch_up()
                self.record.note(self.name, Kind.NOTED, note=f"{EXITED} {self._box.exit_status(self._pid)}")
                self._noted = True
            return self._noted

    def wait_for_end(self, seconds: float) -> None:
        """Wait until it has ended, at most so long."""
        select.select([self._pidfd], [], [], seconds)

    def _heard(self, stream: str, data: bytes, cut: int) -> None:
        reader = self.framing if stream == "out" else self._errors
        self.record.note_all(self.name, Kind.RECEIVED, reader.feed(data))
        self.record.wake()

    def flying(self) -> bool:
        """Whether something that it printed has not been recorded yet."""
        return self._open and not self.ended and self.output.flying()

    def flush(self) -> bool:
        """Nothing more comes: what stands on its screen without an end of line is a prompt."""
        found = [bytes(rest) for reader in (self.framing, self._errors) if (rest := reader.rest())]
        if found:
            self.framing, self._errors = framing(Protocol()), framing(Protocol())
        self.record.note_all(self.name, Kind.RECEIVED, found)
        return bool(found)

    def drain(self, *, thoroughly: bool = False) -> None:
        """Record what it has printed."""
        if self._open:
            self.output.catch_up()

    def note_unfinished(self) -> None:
        """What had come of a line was recorded when nothing more came."""

    def half_close(self, kind: Kind, step: int) -> None:
        """End its input, as Ctrl-D does."""
        self.record.note(self.name, kind, step=step)
        self.condition = Condition.GONE
        self.output.ends_input()

    def crash(self, step: int) -> None:
        """End it by force."""
        self.record.note(self.name, Kind.CRASHED, step=step)
        self.condition = Condition.GONE
        if not self.ended:
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def hang_up(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget it; its process has been ended with all others of the box."""
        if self._open:
            self._open = False
            self.output.close()
            os.close(self._pidfd)
        self.socket.close()

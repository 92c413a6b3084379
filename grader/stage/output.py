"""What a server prints: read as it comes, kept within bounds, handed on with its time.

Standard input and output are a pseudo-terminal, so that every language prints line by line and nobody sees the end of
input (nine real servers stop or spin on it); the terminal is raw, so the bytes are the program's own, and nothing echoes. Standard error is
a pipe, to be told apart. The first and the last 64 KB are kept, the rest is counted: an output flood costs no memory.
What comes after the first 64 KB is held back, and its end told when the stream ends: there stands what it died of.

The thread that reads may come late on a busy machine. Whoever is about to say that the server has ended, or that the play
is over, reads what is there before (`catch_up`): what was printed by then belongs before it.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import sys
import termios
import threading
import tty
from collections.abc import Callable

KEPT = 64 << 10
READ = 16 << 10
MOST_AT_ONCE = 64
"""Reads of one stream with which `catch_up` is content: a pipe holds less, and a server that floods it never ends."""
LOUD = 1 << 20
"""Bytes from which on it is worth a remark how much a server prints."""
Heard = Callable[[str, bytes, int], None]
"""Called with ``out`` or ``err``, some bytes, and how many were left out before them, from the reading thread."""


class Output:
    """The terminal and the pipe of one server, with the thread that reads them. `descriptors` are the server's ends."""

    def __init__(self, heard: Heard, *, lines: bool = False) -> None:
        """With `lines` the terminal hands whole lines to its program, as one that a person sits at, and its input can end."""
        self._heard = heard
        self._terminal, inside = pty.openpty()
        tty.setraw(inside)
        if lines:
            settings = termios.tcgetattr(inside)
            settings[3] |= termios.ICANON
            termios.tcsetattr(inside, termios.TCSANOW, settings)
        self._errors, errors_in = os.pipe()
        self.descriptors = (inside, inside, errors_in)
        for descriptor in (self._terminal, self._errors):
            os.set_blocking(descriptor, False)  # two threads may find it ready, and one of them then finds nothing
        self._names = {self._terminal: "out", self._errors: "err"}
        self._reading = threading.Lock()
        self._stop, self._stopping = os.pipe()
        self.total = {"out": 0, "err": 0}
        self._last = {"out": bytearray(), "err": bytearray()}
        self._thread = threading.Thread(target=self._read, name="output", daemon=True)
        self._thread.start()

    def tell(self, heard: Heard) -> None:
        """From now on somebody else is told what is printed; what was printed before is not told again."""
        self.catch_up()
        self._heard = heard

    def started(self) -> None:
        """The server has its descriptors; the pipe's inner end is closed here, so that its end can be seen."""
        os.close(self.descriptors[2])

    def type(self, data: bytes) -> int:
        """Type on the terminal; how many bytes of it the terminal took."""
        try:
            return os.write(self._terminal, data)
        except OSError:
            return 0

    def flying(self) -> bool:
        """Whether something was printed that nobody has been told yet. What was typed has arrived when this is known.

        To be asked makes the kernel finish what is on its way through the terminal, in both directions: bytes that were
        typed have then woken whoever waits for them.
        """
        typed, printed = select.poll(), select.poll()
        typed.register(self.descriptors[0], select.POLLIN)
        for descriptor in (self._terminal, self._errors):
            printed.register(descriptor, select.POLLIN)
        with self._reading:
            typed.poll(0)
            return any(event & select.POLLIN for _, event in printed.poll(0))

    def untyped(self) -> int:
        """How many bytes that were typed nobody has read. Where there were none, what is on its way arrives first (see `flying`)."""
        typed = select.poll()
        typed.register(self.descriptors[0], select.POLLIN)
        typed.poll(0)
        return int.from_bytes(fcntl.ioctl(self.descriptors[0], termios.FIONREAD, bytes(4)), sys.byteorder)

    def ends_input(self) -> None:
        """End the standard input, as Ctrl-D does: whoever reads it reads its end, once. Only for a terminal of lines."""
        self.type(termios.tcgetattr(self.descriptors[0])[6][termios.VEOF])

    def catch_up(self) -> None:
        """Hand on what the server has printed by now, before this returns."""
        for descriptor in list(self._names):
            for _ in range(MOST_AT_ONCE):
                if not self._take(descriptor):
                    break

    def close(self) -> None:
        """Stop reading, after what is already there has been read."""
        os.close(self._stopping)
        self._thread.join()
        for stream in self._last:
            self._tell_last(stream)
        for descriptor in (self._terminal, self.descriptors[0], self._errors, self._stop):
            os.close(descriptor)

    def _read(self) -> None:
        open_ones = set(self._names)
        poll = select.poll()
        for descriptor in (*open_ones, self._stop):
            poll.register(descriptor, select.POLLIN)
        stopping = False
        while open_ones:
            ready = dict(poll.poll(0 if stopping else None))
            if stopping and not ready.keys() & open_ones:
                return
            for descriptor in ready.keys() & open_ones:
                self._take(descriptor)
                if descriptor not in self._names:
                    poll.unregister(descriptor)
                    open_ones.discard(descriptor)
            if self._stop in ready:
                stopping = True
                poll.unregister(self._stop)

    def _take(self, descriptor: int) -> bool:
        """Read once, and hand it on; False if there was nothing. A stream that has ended is forgotten."""
        with self._reading:
            stream = self._names.get(descriptor)
            if stream is None:
                return False
            try:
                data = os.read(descriptor, READ)
            except BlockingIOError:
                return False
            except OSError:
                data = b""
            if not data:
                self._tell_last(stream)
                del self._names[descriptor]
                return False
            self._keep(stream, data)
            return True

    def _keep(self, stream: str, data: bytes) -> None:
        room = max(0, KEPT - self.total[stream])
        self.total[stream] += len(data)
        if room:
            self._heard(stream, data[:room], 0)
        if len(data) > room:
            last = self._last[stream]
            last += data[room:]
            if len(last) > 2 * KEPT:
                del last[:-KEPT]

    def _tell_last(self, stream: str) -> None:
        """Hand on the end of what was held back, with how much is missing before it."""
        last = bytes(self._last[stream][-KEPT:])
        if last:
            self._last[stream].clear()
            self._heard(stream, last, self.total[stream] - KEPT - len(last))

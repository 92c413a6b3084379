"""`socket.socket` replaced by a subclass that does the same and writes down what it did.

Everything above it (makefile, socketserver, selectors, asyncio, a student's own subclass) goes through these methods.
What goes around them (`os.read` on a descriptor, `sendfile`, uvloop) is not seen, and then the bytes don't add up.
"""

# mypy: disable-error-code="import-not-found"

import socket
from collections.abc import Callable
from typing import Any

from grade_notes import KEPT, begin, failed, head, introduce, note

PEEK = socket.MSG_PEEK
Told = Callable[[Any, Any], tuple[int, bytes]]

_TAKING: dict[str, tuple[int, Told]] = {
    "recv": (1, lambda got, _: (len(got), got[:KEPT])),
    "recvfrom": (1, lambda got, _: (len(got[0]), got[0][:KEPT])),
    "recv_into": (2, lambda got, buffer: (got, head(buffer)[:got])),
    "recvmsg": (2, lambda got, _: (len(got[0]), got[0][:KEPT])),
}
"""What receives: which argument holds the flags, and what was received, from the result and the first argument."""
_GIVING: dict[str, Told] = {
    "send": lambda sent, data: (sent, head(data)[:sent]),
    "sendall": lambda _, data: (memoryview(data).nbytes, head(data)),
}


def replace() -> None:
    """From now on `socket.socket` is the recorded one."""
    plain = socket.socket
    members: dict[str, Any] = {"__slots__": ("_recorded_as",), "__module__": "socket", "__doc__": plain.__doc__}
    for name, (flags, told) in _TAKING.items():
        members[name] = _taking(getattr(plain, name), flags, told)
    for name, told in _GIVING.items():
        members[name] = _giving(getattr(plain, name), name, told)
    members |= _others(plain)
    socket.socket = type("socket", (plain,), members)  # type: ignore[assignment,misc]


def _taking(plain: Any, flags: int, told: Told) -> Any:
    def taking(self: Any, *given: Any, **named: Any) -> Any:
        how = given[flags] if len(given) > flags else named.get("flags", 0)
        call = "peek" if isinstance(how, int) and how & PEEK else "recv"
        begin(self, call)
        try:
            got = plain(self, *given, **named)
        except BaseException as error:
            failed(self, call, error)
            raise
        note(self, call, *told(got, given[0] if given else named.get("buffer")))
        return got

    return taking


def _giving(plain: Any, name: str, told: Told) -> Any:
    def giving(self: Any, data: Any, *flags: Any) -> Any:
        begin(self, name)
        try:
            sent = plain(self, data, *flags)
        except BaseException as error:
            failed(self, name, error, head(data))
            raise
        note(self, name, *told(sent, data))
        return sent

    return giving


def _others(plain: Any) -> dict[str, Any]:
    def accept(self: Any) -> Any:
        begin(self, "accept")
        try:
            made, peer = plain.accept(self)
        except BaseException as error:
            failed(self, "accept", error)
            raise
        note(self, "accept", introduce(made, peer) or "0")
        return made, peer

    def sendmsg(self: Any, buffers: Any, *more: Any) -> Any:
        buffers = list(buffers)
        begin(self, "sendmsg")
        kept = b"".join(map(head, buffers[:KEPT]))[:KEPT]
        try:
            sent = plain.sendmsg(self, buffers, *more)
        except BaseException as error:
            failed(self, "sendmsg", error, kept)
            raise
        note(self, "sendmsg", sent, kept[:sent])
        return sent

    def shutdown(self: Any, how: int) -> None:
        plain.shutdown(self, how)
        note(self, "shutdown", int(how))

    def close(self: Any) -> None:
        if self._io_refs > 0 and not self._closed and self.fileno() >= 0:
            note(self, "close", self._io_refs)  # a file made of it holds it open
        plain.close(self)

    def _real_close(self: Any, *given: Any) -> None:
        if self.fileno() >= 0:
            note(self, "closed", 0)
        plain._real_close(self, *given)

    def detach(self: Any) -> Any:
        note(self, "detach", 0)
        return plain.detach(self)

    return {f.__name__: f for f in (accept, sendmsg, shutdown, close, _real_close, detach)}

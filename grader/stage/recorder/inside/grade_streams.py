"""What a coroutine reads from asyncio's streams: there the loop has taken the bytes in already, in a call that tells nothing.

asyncio is not imported for it; where a program imports it, its streams are watched from then on.
"""

# mypy: disable-error-code="import-not-found"

import sys
from typing import Any

from grade_notes import head, note

MODULE = "asyncio.streams"


def wait_for_asyncio() -> None:
    """Watch the streams as soon as there are any."""
    sys.meta_path.insert(0, _Finder())


class _Finder:
    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name != MODULE:
            return None
        sys.meta_path.remove(self)
        found: Any = next((s for f in sys.meta_path if (s := f.find_spec(name, path, target))), None)
        if found is None:
            return None
        run = found.loader.exec_module

        def exec_module(module: Any) -> None:
            run(module)
            _watch(module)

        found.loader.exec_module = exec_module
        return found


def _watch(streams: Any) -> None:
    reader, writer = streams.StreamReader, streams.StreamWriter
    early = streams.exceptions.IncompleteReadError
    for name in ("readuntil", "readexactly", "read"):
        setattr(reader, name, _reading(getattr(reader, name), early, is_read=name == "read"))
    close = writer.close

    def closing(self: Any) -> Any:
        sock = _socket_of(self.transport)
        if sock is not None and sock.fileno() >= 0:
            note(sock, "close", 0)
        return close(self)

    writer.close = closing


def _reading(original: Any, early: Any, *, is_read: bool) -> Any:
    async def reading(self: Any, *given: Any, **named: Any) -> Any:
        if is_read and (given[:1] or (named.get("n", -1),)) == (-1,):
            return await original(self, *given, **named)  # it reads to the end by calling itself, piece by piece
        try:
            data = await original(self, *given, **named)
        except early as error:
            _heard(self, error.partial)
            raise
        _heard(self, data)
        return data

    return reading


def _heard(stream: Any, data: bytes) -> None:
    sock = _socket_of(getattr(stream, "_transport", None))
    if sock is not None:
        note(sock, "read", len(data), head(data))


def _socket_of(transport: Any) -> Any:
    """The recorded socket under a transport; None where it is of another kind."""
    sock = getattr(transport.get_extra_info("socket"), "_sock", None) if transport else None
    return sock if getattr(sock, "_recorded_as", "") else None

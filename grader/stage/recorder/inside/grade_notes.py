"""What is written down about a call: one line, with the lines of the student's code that it came from.

It must never fail the program that it watches, and be quick, about 4 us a call. The record is a memory file that the
grader made, sealed at its size: no pipe, whose reader would wake up for every line, and whose end could block the server.
What a hostile program writes there instead is the business of whoever reads it. Fields are separated by spaces; texts and
bytes are in hex:

    F  stack file:line:function:first-line,...    a stack, innermost first, named the first time it is met
    S  socket descriptor peer                     a socket, named the first time it is met
    B  ns process thread socket call stack        a call that may have to wait begins
    C  ns process thread socket call result stack bytes     a call has returned: how many bytes, or ! and an error

Only frames of the submission's own files count, and none beyond asyncio's loop: it calls back, it does not cause.
"""

import contextlib
import fcntl
import itertools
import os
import socket
import sys
import time
from _thread import get_native_id
from types import CodeType
from typing import Any

KEPT = 256
"""Bytes of one call that are kept."""
DEEPEST = 10
"""Frames of one stack that are kept."""
HIGH = 900
"""Descriptors from here on are used, out of the way of programs that close the low ones or count on their numbers."""
NOT_THEIRS, THEIRS, LOOP = 0, 1, 2
LOOPS = ("asyncio/events.py", "asyncio/base_events.py")

Frames = tuple[int, ...]

_here = os.path.dirname(__file__) + "/"
_record = -1
_work = "/"
_numbers = itertools.count(1)
_kinds: dict[str, int] = {}
_stacks: dict[Frames, tuple[str, list[CodeType]]] = {}
"""The name of each stack, and its code objects: while they are kept, their ids are theirs alone."""
_in_vain: dict[int, tuple[object, ...]] = {}
"""Of each thread, its last call, if that one brought nothing."""


def open_record(descriptor: int, work: str) -> None:
    """Where to write, and where the submission lies. Raises OSError."""
    global _record, _work  # noqa: PLW0603 - one record for the whole program
    _record = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, HIGH)
    _work = work + "/"
    os.close(descriptor)


def begin(sock: Any, call: str) -> None:
    """A call begins that may have to wait: if it never returns, this is all there is of it."""
    if (name := _name(sock)) and sock.gettimeout() is None:
        thread = get_native_id()
        _in_vain.pop(thread, None)
        _put(f"B {time.monotonic_ns()} {os.getpid()} {thread} {name} {call} {_stack()}\n")


def note(sock: Any, call: str, result: object, data: bytes = b"") -> None:
    """A call has returned. The same call that brings nothing, again and again, is written once."""
    name = _name(sock)
    if not name:
        return
    at, thread = _stack(), get_native_id()
    if data:
        _in_vain.pop(thread, None)
    else:
        same = (call, name, result, at)
        if _in_vain.get(thread) == same:
            return
        _in_vain[thread] = same
    _put(f"C {time.monotonic_ns()} {os.getpid()} {thread} {name} {call} {result} {at} {data.hex() or '-'}\n")


def failed(sock: Any, call: str, error: BaseException, data: bytes = b"") -> None:
    """A call has raised. That there was nothing yet, on a socket that does not wait, is no news."""
    if not isinstance(error, BlockingIOError | InterruptedError | TimeoutError):
        note(sock, call, f"!{type(error).__name__}", data)


def introduce(sock: Any, peer: Any = None) -> str:
    """Give a socket its name; an empty one if it is no stream of the network."""
    wanted = sock.family in (socket.AF_INET, socket.AF_INET6) and sock.type & 15 == socket.SOCK_STREAM
    sock._recorded_as = name = f"{os.getpid()}.{next(_numbers)}" if wanted else ""
    if name:
        if peer is None:
            with contextlib.suppress(OSError):
                peer = sock.getpeername()
        _put(f"S {name} {max(0, sock.fileno())} {f'{peer[0]}|{peer[1]}' if peer else '-'}\n")
    return name


def head(data: Any) -> bytes:
    """The beginning of whatever was given to be sent; nothing, if it is not made of bytes."""
    try:
        return bytes(memoryview(data).cast("B")[:KEPT])
    except (TypeError, ValueError):
        return b""


def _name(sock: Any) -> str:
    try:
        return str(sock._recorded_as)
    except AttributeError:
        return introduce(sock)


def _put(line: str) -> None:
    with contextlib.suppress(OSError):  # it is full, or was closed by the program
        os.write(_record, line.encode("ascii", "replace"))


def _stack() -> str:
    """The name of the stack that stands now, without our own frames."""
    frame = sys._getframe(2)
    key: list[int] = []
    codes: list[CodeType] = []
    lines: list[int] = []
    at: Any = frame
    while at is not None and len(codes) < DEEPEST:
        code = at.f_code
        kind = _kinds.get(code.co_filename)
        if kind is None:
            kind = _kinds[code.co_filename] = _kind(code.co_filename)
        if kind == LOOP:
            break
        if kind == THEIRS:
            codes.append(code)
            lines.append(at.f_lineno)
            key += (id(code), at.f_lineno)
        at = at.f_back
    known = _stacks.get(tuple(key))
    if known is None:
        known = _stacks[tuple(key)] = (f"{os.getpid()}.{next(_numbers)}", codes)
        frames = (
            f"{_hex(c.co_filename)}:{n}:{_hex(c.co_name)}:{c.co_firstlineno}" for c, n in zip(codes, lines, strict=True)
        )
        _put(f"F {known[0]} {','.join(frames) or '-'}\n")
    return known[0]


def _kind(file: str) -> int:
    if file.startswith(_here):
        return NOT_THEIRS
    if file.endswith(LOOPS):
        return LOOP
    return THEIRS if file.startswith(_work) or not file.startswith(("/", "<")) else NOT_THEIRS


def _hex(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").hex()

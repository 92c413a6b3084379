r"""What strace wrote about a server's socket calls, read back: its lines, and below each the stack that it stood on.

    4825  1795409507.049559 recvfrom(5, "\x68\x6f\x6c\x61\x0a", 100, 0, NULL, NULL) = 5
     > /usr/lib/x86_64-linux-gnu/libc.so.6(recv+0x64) [0x10a974]
     > /work/server(client+0x30) [0x12a0]

A stack tells functions and places in the program's file, never lines of source; those are `addresses.py`'s business. The
text is bounded, and the program could write into it: what has not this form is skipped.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field

from grader.model import SocketCall

TRACED = ("accept", "accept4", "recvfrom", "recvmsg", "read", "readv", "sendto", "sendmsg", "write", "writev")
CLOSING = ("close", "shutdown")
FORKING = ("clone", "clone3", "fork", "vfork")
KEPT = 256
MOST_CALLS, MOST_PENDING, LONGEST = 20_000, 1_000, 64 << 10
_WORDS = {
    **dict.fromkeys(("accept", "accept4"), "accept"),
    **dict.fromkeys(("recvfrom", "recvmsg", "read", "readv"), "recv"),
    **dict.fromkeys(("sendto", "write", "writev"), "send"),
    "sendmsg": "sendmsg",
    "close": "closed",
    "shutdown": "shutdown",
}
_HEAD = re.compile(rb"(\d{1,10})\s+(\d{1,12}\.\d{1,9}) (.*)")
_RESUMED = re.compile(rb"<\.\.\. (\w+) resumed>(.*)")
_UNFINISHED = rb" <unfinished ...>"
_WHOLE = re.compile(rb"(\w+)\((.*)\)\s+= (-?\d{1,10}|\?)(?: (?:([A-Z]\w*) )?\(.*\))?")
_FRAME = re.compile(rb" > (/[^()\[\]\n]{1,400})\(([^()\n]{0,200})\) \[0x([0-9a-f]{1,16})\]")
_TEXT = re.compile(rb'"((?:\\x[0-9a-f]{2})*)"')


@dataclass(frozen=True, slots=True)
class Frame:
    """A place in a program's file: the return address of a call, as an offset in the file."""

    program: str
    function: str
    offset: int


@dataclass
class Traced:
    """A call and the frames of its stack, innermost first; the call's own `stack` is still empty."""

    call: SocketCall
    frames: list[Frame] = field(default_factory=list)


def read(data: bytes) -> list[Traced]:
    """The calls on accepted sockets that strace told of, in their order."""
    reader = _Reader()
    for line in io.BytesIO(data):
        if len(reader.found) >= MOST_CALLS:
            break
        if line.endswith(b"\n") and len(line) <= LONGEST:
            reader.take(line[:-1])
    return reader.found


class _Reader:
    def __init__(self) -> None:
        self.found: list[Traced] = []
        self._current: Traced | None = None
        self._pending: dict[int, bytes] = {}
        self._group: dict[int, int] = {}
        self._sockets: dict[int, dict[int, str]] = {}
        """Of each process, the accepted sockets by their descriptor."""
        self._made = 0

    def take(self, line: bytes) -> None:
        if line.startswith(b" > "):
            frame = _FRAME.fullmatch(line)
            if frame and self._current:
                self._current.frames.append(Frame(_plain(frame[1]), _plain(frame[2]).split("+")[0], int(frame[3], 16)))
            return
        self._current = None
        head = _HEAD.fullmatch(line)
        if head is None:
            return
        thread, t, rest = int(head[1]), float(head[2]), head[3]
        if rest.endswith(_UNFINISHED) and len(self._pending) < MOST_PENDING:
            self._pending[thread] = rest[: -len(_UNFINISHED)]
            return
        if resumed := _RESUMED.fullmatch(rest):
            rest = self._pending.pop(thread, b"") + resumed[2]
        if whole := _WHOLE.fullmatch(rest):
            name, arguments, result, error = whole[1].decode(), whole[2], whole[3].decode(), (whole[4] or b"").decode()
            self._call(thread, t, name, arguments, -1 if result == "?" else int(result), error)

    def _call(self, thread: int, t: float, name: str, arguments: bytes, result: int, error: str) -> None:
        group = self._group_of(thread)
        if name in FORKING and result > 0:
            same = b"CLONE_THREAD" in arguments
            self._group[result] = group if same else result
            if not same:
                self._sockets[result] = dict(self._table(group))
            return
        word = _WORDS.get(name)
        first = re.match(rb"\d+", arguments)
        if word is None or first is None or error in ("EAGAIN", "EINTR", "EINPROGRESS") or (result < 0 and not error):
            return
        descriptor, sockets, made = int(first[0]), self._table(group), ""
        if word == "accept":
            if error:
                return
            self._made += 1
            made = sockets[result] = f"{group}.{self._made}"
            socket = f"{group}.0"
        elif descriptor in sockets:
            socket = sockets.pop(descriptor) if word == "closed" else sockets[descriptor]
        else:
            return  # a file, or a socket that the server made for something else
        if word == "recv" and b"MSG_PEEK" in arguments:
            word = "peek"
        data = b"".join(bytes.fromhex(t.decode().replace("\\x", "")) for t in _TEXT.findall(arguments))
        count = max(0, result) if word in ("recv", "peek", "send", "sendmsg") else None
        kept = data[: min(KEPT, count or 0)]
        self._current = Traced(SocketCall(t, group, thread, word, socket, None if error else count, kept, error, made))
        self.found.append(self._current)

    def _group_of(self, thread: int) -> int:
        """The process that a thread belongs to. A new one may be heard of before the call that makes it has returned."""
        if thread not in self._group:
            making = [t for t, text in self._pending.items() if text.startswith(tuple(f.encode() for f in FORKING))]
            parent = next((t for t in making if t in self._group), None)
            if parent is None:
                self._group[thread] = thread
            elif b"CLONE_THREAD" in self._pending[parent]:
                self._group[thread] = self._group[parent]
            else:
                self._group[thread] = thread
                self._sockets[thread] = dict(self._table(self._group[parent]))
        return self._group[thread]

    def _table(self, group: int) -> dict[int, str]:
        return self._sockets.setdefault(group, {})


def _plain(text: bytes) -> str:
    return text.decode("utf-8", "replace")

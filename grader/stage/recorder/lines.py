"""The record of a Python server read back: lines of text, none of which is believed, to `SocketCall`s.

The server's program could write into the record what it likes. So every line must have the form that `grade_notes.py`
gives it, with numbers and lengths in bounds; what has not is skipped, and a record with many such lines is no record.
What the lines then say is checked against the transcript by whoever draws a conclusion.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from grader.model import CodeLine, Recording, SocketCall
from grader.stage.recorder.tape import LONGEST_LINE

MOST_CALLS, MOST_NAMES, MOST_STRANGE = 120_000, 20_000, 200
CALLS = {
    *("accept", "recv", "peek", "read", "send", "sendall", "sendmsg", "shutdown", "close", "closed", "detach"),
}
_NAME = rb"(\d{1,10}\.\d{1,10})"
_FRAME = re.compile(rb"([0-9a-f]{2,600}):(\d{1,7}):([0-9a-f]{0,200}):(\d{1,7})")
_LINE = {
    b"F": re.compile(rb"F " + _NAME + rb" (\S+)\n"),
    b"S": re.compile(rb"S " + _NAME + rb" (\d{1,5}) ([0-9a-zA-Z.:%|-]{1,80})\n"),
    b"B": re.compile(rb"B (\d{1,19}) (\d{1,10}) (\d{1,10}) " + _NAME + rb" ([a-z]{4,8}) " + _NAME + rb"\n"),
    b"C": re.compile(
        rb"C (\d{1,19}) (\d{1,10}) (\d{1,10}) " + _NAME + rb" ([a-z]{4,8}) (\d{1,12}|!\w{1,60}|\d{1,10}\.\d{1,10}) "
        + _NAME + rb" (-|[0-9a-f]+)\n"
    ),
}  # fmt: skip


class Damaged(Exception):
    """The record is not one that our recorder wrote."""


def read(data: bytes, *, whole: bool, below: Callable[[str], str]) -> Recording:
    """The calls that a record tells of. `below` gives a file's path within the submission, empty if it lies outside."""
    reader = _Reader(below)
    for line in io.BytesIO(data):
        if not line.endswith(b"\n"):
            break  # the server was ended in the middle of it
        if not reader.take(line):
            reader.strange += 1
        if reader.strange > MOST_STRANGE:
            raise Damaged
        if len(reader.calls) >= MOST_CALLS:
            return Recording(tuple(reader.calls), reader.peers, whole=False)
    return Recording((*reader.calls, *reader.begun.values()), reader.peers, whole=whole and not reader.strange)


@dataclass
class _Reader:
    below: Callable[[str], str]
    calls: list[SocketCall] = field(default_factory=list)
    begun: dict[tuple[int, int], SocketCall] = field(default_factory=dict)
    stacks: dict[bytes, tuple[CodeLine, ...]] = field(default_factory=dict)
    peers: dict[str, str] = field(default_factory=dict)
    strange: int = 0

    def take(self, line: bytes) -> bool:
        """Take in one line; False if it has not the form that it should have."""
        form = _LINE.get(line[:1])
        found = form.fullmatch(line) if form and len(line) <= LONGEST_LINE else None
        if found is None:
            return False
        fields = found.groups()
        if line[:1] == b"F":
            if len(self.stacks) >= MOST_NAMES:
                return False
            self.stacks[fields[0]] = self._stack(fields[1])
            return True
        if line[:1] == b"S":
            if len(self.peers) >= MOST_NAMES:
                return False
            self.peers[fields[0].decode()] = "" if fields[2].startswith(b"-") else fields[2].decode()
            return True
        return self._call(line[:1] == b"C", fields)

    def _call(self, returned: bool, fields: tuple[bytes, ...]) -> bool:
        t, process, thread = int(fields[0]) / 1e9, int(fields[1]), int(fields[2])
        name, call = fields[3].decode(), fields[4].decode()
        stack = self.stacks.get(fields[6 if returned else 5])
        if call not in CALLS or stack is None or name not in self.peers:
            return False
        if not returned:
            self.begun[process, thread] = SocketCall(t, process, thread, call, name, stack=stack, returned=False)
            return True
        if len(fields[7]) % 2 and fields[7] != b"-":
            return False
        result, kept = fields[5].decode(), b"" if fields[7] == b"-" else bytes.fromhex(fields[7].decode())
        error, made, count = "", "", None
        if result.startswith("!"):
            error = result[1:]
        elif call == "accept":
            made = result if result in self.peers else ""
        elif result.isdigit() and int(result) >= len(kept):
            count = int(result)
        else:
            return False
        self.begun.pop((process, thread), None)
        self.calls.append(SocketCall(t, process, thread, call, name, count, kept, error, made, stack))
        return True

    def _stack(self, text: bytes) -> tuple[CodeLine, ...]:
        lines = []
        for frame in text.split(b",")[:32]:
            if (found := _FRAME.fullmatch(frame)) is None:
                continue
            file = self.below(_text(found[1]))
            if file:
                lines.append(CodeLine(file, int(found[2]), _text(found[3]), int(found[4])))
        return tuple(lines)


def _text(hexed: bytes) -> str:
    return bytes.fromhex(hexed.decode()).decode("utf-8", "replace") if len(hexed) % 2 == 0 else ""

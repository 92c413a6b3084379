"""`json-lines` and `json`: JSON, a value a line, or one value after another with anything white between them.

    json-lines      {"id": 1}⏎{"id": 2}⏎
    json            {"id": 1}{"id":
                    2}

Only the ends are found here; whether a value is what a play expects is for `wire.json_phrase`. A line that is no JSON
is a message like any other, and fits nothing. In a stream without lines it breaks the stream: nobody could say where
the next value begins.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

from grader.model import Protocol
from grader.wire.framing import FRAMINGS, Framing, Setting
from grader.wire.framings.line import LineFraming

DEEPEST = 64
"""How deep values may be nested. A parser that follows every bracket of a hostile server falls off its own stack."""

_MARKS = re.compile(rb'[][{}"]')
_IN_STRING = re.compile(rb'\\.|"', re.DOTALL)
_BEHIND_SCALAR = re.compile(rb'[\s\[{"]')
_SCALAR = re.compile(rb"-?[0-9][0-9.eE+-]{0,400}|true|false|null")
_BLANKS = re.compile(rb"[ \t\r\n]*")
LONGEST_SCALAR = 512


@FRAMINGS.add("json-lines")
class JsonLines(LineFraming):
    """Lines; that they hold JSON shows in how they are compared."""

    settings: ClassVar[Mapping[str, Setting]] = {}

    def _set(self, key: str) -> str:
        return "either"


@FRAMINGS.add("json")
class JsonValues(Framing):
    """Values that end where their brackets close. Scalars end at white space or at the next value."""

    ends_at_close = True

    def __init__(self, protocol: Protocol, *, sent: bool = False) -> None:
        super().__init__(protocol, sent=sent)
        self._open: list[int] = []
        self._in_string = False
        self._blanks = 0

    def encode(self, message: bytes) -> bytes:
        return message + b"\n"

    def strip(self, message: bytes) -> bytes:
        return message.strip(b" \t\r\n")

    def _end(self, begin: int) -> int | None:
        # What is blank stays in front of the value, and is passed over once.
        first = _BLANKS.match(self._kept, begin + self._blanks).end()  # type: ignore[union-attr]
        self._blanks = first - begin
        if first == len(self._kept):
            return None
        nested = self._kept[first] in b'{["'
        if not nested and self._kept[first] not in b"-0123456789tfn":
            self._break("json")
            return None
        end = self._end_of_nested(max(first, self._searched)) if nested else self._end_of_scalar(first)
        if end is not None:
            self._blanks = 0
        return end

    def _end_of_scalar(self, first: int) -> int | None:
        found = _BEHIND_SCALAR.search(self._kept, max(first, self._searched))
        if found is None:
            self._searched = len(self._kept)
            if len(self._kept) - first > LONGEST_SCALAR:
                self._break("json")
            return None
        if not _SCALAR.fullmatch(self._kept, first, found.start()):
            self._break("json")
            return None
        return found.start()

    def _end_of_nested(self, at: int) -> int | None:
        """Go on from `at`, with the brackets that are open and perhaps inside a string."""
        while found := (_IN_STRING if self._in_string else _MARKS).search(self._kept, at):
            mark, at = found[0], found.end()
            if mark == b'"':
                self._in_string = not self._in_string
            elif mark in (b"{", b"["):
                self._open.append(mark[0])
                if len(self._open) > DEEPEST:
                    self._break("deep", limit=DEEPEST)
                    return None
            elif mark in (b"}", b"]") and (not self._open or self._open.pop() != mark[0] - 2):
                self._break("json")
                return None
            if not self._open and not self._in_string:
                return at
        # A backslash at the end belongs to a character that has not come yet.
        self._searched = len(self._kept) - (self._in_string and self._kept.endswith(b"\\") and at < len(self._kept))
        return None

r"""`headers` and `counted`: a text says how many bytes follow it.

headers: Content-Length                 GET / HTTP/1.1, lines, a blank line, and as many bytes as that header says
headers: Content-Length, shows: body    only the bytes are the message; the header is written for them
counted: "SEND <*> <size>"              lines; one that looks so is followed by so many bytes
counted: "VALUE <*> <size>", tail: "\r\n"   and after these bytes comes the tail
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

from grader.model import Protocol
from grader.wire.framing import FRAMINGS, LARGEST, Framing, Setting, Value, choice, mark
from grader.wire.parts import to_bytes

LONGEST_HEAD = 64 << 10
_BLANK = re.compile(rb"\r?\n\r?\n")
_SIZE = re.compile(r"<(\*|size)>")


def _name(text: str) -> Value | None:
    return text if re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,60}", text) else None


@FRAMINGS.add("headers")
class HeadersFraming(Framing):
    """Lines of `name: value` up to a blank line, then as many bytes as one of them says (or none)."""

    settings: ClassVar[Mapping[str, Setting]] = {
        "headers": Setting(_name, "the name of a header, such as Content-Length", "Content-Length"),
        "shows": choice("all", "body", otherwise="all"),
    }

    def __init__(self, protocol: Protocol, *, sent: bool = False) -> None:
        super().__init__(protocol, sent=sent)
        self._name = to_bytes(str(self._set("headers")))
        self._of_length = re.compile(rb"(?im)^%s[ \t]*:[ \t]*([^\r\n]*)" % re.escape(self._name))
        self._body_only = self._set("shows") == "body"

    def encode(self, message: bytes) -> bytes:
        if self._body_only:
            return b"%s: %d\r\n\r\n%s" % (self._name, len(message), message)
        found = _BLANK.search(message)
        if found is None:
            return message + b"\r\n\r\n"
        head, body = message[: found.start()], message[found.end() :]
        if body and not self._of_length.search(head):
            return b"%s\r\n%s: %d\r\n\r\n%s" % (head, self._name, len(body), body)
        return message

    def strip(self, message: bytes) -> bytes:
        found = _BLANK.search(message)
        if found is None:
            return message
        if self._body_only:
            return message[found.end() :]
        return message[: found.start()] if found.end() == len(message) else message

    def _end(self, begin: int) -> int | None:
        found = _BLANK.search(self._kept, max(begin, self._searched - 3))
        if found is None:
            self._searched = len(self._kept)
            if len(self._kept) - begin > LONGEST_HEAD:
                self._break("endless", limit=LONGEST_HEAD)
            return None
        self._searched = found.start()
        said = self._of_length.search(self._kept, begin, found.end())
        if said is None:
            return found.end()
        digits = said[1].strip()
        if not digits.isdigit() or len(digits) > 20:
            self._break("length")
            return None
        return found.end() + int(digits)


def _heads(text: str) -> Value | None:
    shapes = text.split(" | ")
    return text if all(shape.count("<size>") == 1 and "><" not in shape for shape in shapes) else None


@FRAMINGS.add("counted")
class CountedFraming(Framing):
    """Lines, of which some say how many bytes follow them."""

    settings: ClassVar[Mapping[str, Setting]] = {
        "counted": Setting(_heads, "a line with <size> where the number of bytes stands, such as 'SEND <*> <size>'"),
        "tail": mark(""),
    }

    def __init__(self, protocol: Protocol, *, sent: bool = False) -> None:
        super().__init__(protocol, sent=sent)
        self._heads = [_shape(head) for head in str(self._set("counted")).split(" | ")]
        self._tail = to_bytes(str(self._set("tail")))

    def encode(self, message: bytes) -> bytes:
        line, newline, _ = message.partition(b"\n")
        return message + (self._tail if newline and self._size(line) is not None else b"\n")

    def strip(self, message: bytes) -> bytes:
        line, newline, behind = message.partition(b"\n")
        if newline and self._size(line) is not None:
            return message.removesuffix(self._tail) if behind else message
        return line.removesuffix(b"\r") if newline else message

    def _end(self, begin: int) -> int | None:
        at = self._kept.find(b"\n", max(begin, self._searched))
        if at < 0:
            self._searched = len(self._kept)
            return None
        self._searched = at
        size = self._size(bytes(self._kept[begin:at]))
        if size is None:
            return at + 1
        return at + 1 + size + len(self._tail)

    def _size(self, line: bytes) -> int | None:
        """How many bytes follow this line, or None if it is a line like others."""
        if len(line) > LONGEST_HEAD:
            return None
        for head in self._heads:
            if found := head.fullmatch(line.removesuffix(b"\r")):
                return min(int(found["size"]), 2 * LARGEST)
        return None


def _shape(head: str) -> re.Pattern[bytes]:
    """The head as a pattern: `<*>` is one word, so nothing is ever tried twice."""
    pieces = _SIZE.split(head)
    written = [
        re.escape(to_bytes(piece)) if n % 2 == 0 else rb"[^ \n]*" if piece == "*" else rb"(?P<size>\d{1,20})"
        for n, piece in enumerate(pieces)
    ]
    return re.compile(b"".join(written))

"""Bytes to messages and back: where one message ends and the next begins.

A stream has no messages. Whoever reads it gets any number of bytes at a time: half a line, three lines, the end of one
and the start of another. A framing knows how the course's protocol marks the end of a message, keeps what is
unfinished until more comes, and gives out complete messages with every byte they had. Nothing is dropped or repaired
here: whether a line ended in LF or CRLF is a fact that a check may be about.

A framing sees each byte once. A server can send five megabytes without an end of line, in pieces of any size, so what
is kept is never searched again.
"""

from __future__ import annotations

from typing import Protocol

from grader.registry import Registry


class Framing(Protocol):
    """How the messages of one connection are told apart; one object per connection and direction."""

    def encode(self, message: bytes) -> bytes:
        """The message as it goes out, with its end."""

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that `data` completes, each with its end. The unfinished rest is kept."""

    def rest(self) -> bytes:
        """What came after the last complete message: what was left over when the connection ended."""

    def strip(self, message: bytes) -> bytes:
        """The message without its end."""


FRAMINGS: Registry[type[Framing]] = Registry("framing")


@FRAMINGS.add("line")
class LineFraming:
    """One message per line, ended by LF or CRLF; the bytes are kept."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def encode(self, message: bytes) -> bytes:
        return message + b"\n"

    def feed(self, data: bytes) -> list[bytes]:
        first, *others = data.split(b"\n")
        self._rest += first
        if not others:
            return []
        finished = [bytes(self._rest) + b"\n", *(line + b"\n" for line in others[:-1])]
        self._rest = bytearray(others[-1])
        return finished

    def rest(self) -> bytes:
        return bytes(self._rest)

    def strip(self, message: bytes) -> bytes:
        if not message.endswith(b"\n"):
            return message
        return message[:-2] if message.endswith(b"\r\n") else message[:-1]

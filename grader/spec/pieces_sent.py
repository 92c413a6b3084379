r"""What a play sends byte by byte to a server whose protocol it does not know: messages in pieces, or glued together.

    ana >> hola a |todos             one message in two packets
    ana >> uno\ndos                  two messages in one packet
    ana >> \xff\xfe                  a message that is no text

Each message is put into the form of the server; the cuts stay where they were in the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.wire import envelope
from grader.wire.parts import to_bytes, to_text

_PLAIN = frozenset(range(32, 127)) - frozenset(b"\\<|")


@dataclass(frozen=True, slots=True)
class Message:
    """One message, in the pieces in which it goes out."""

    pieces: tuple[str, ...]
    apart: bool = False
    """Whether it begins a packet of its own."""

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def enclosed(self, framing: str, say: str) -> str:
        """As it is written after `>>`, in the form `say` that has still to be filled with the text."""
        written = [envelope.as_json(p) if envelope.is_json(say) else p for p in self.pieces]
        before, _, after = say.partition("<text>")
        body = "".join((before, *written, after))
        data = envelope.enclosed(framing, body)
        at = data.index(to_bytes(body)) + len(to_bytes(before))
        ends = [at := at + len(to_bytes(piece)) for piece in written[:-1]]
        packets = [raw(data[begin:end]) for begin, end in zip([0, *ends], [*ends, len(data)], strict=True)]
        return "|" * self.apart + "|".join(packets)


def cut(packets: Sequence[bytes]) -> list[Message]:
    """The messages in some packets: each ends at a newline, the last one by itself."""
    messages: list[list[str]] = [[]]
    apart: list[bool] = [False]
    for number, packet in enumerate(packets):
        first, *more = to_text(packet).split("\n")
        if messages[-1] in ([], [""]):
            messages[-1], apart[-1] = [first], number > 0
        else:
            messages[-1].append(first)
        messages += [[text] for text in more]
        apart += [False for _ in more]
    return [Message(tuple(m), own) for m, own in zip(messages, apart, strict=True) if any(m)]


def raw(data: bytes) -> str:
    r"""Bytes as they are written after `>>`."""
    return "".join(chr(b) if b in _PLAIN else f"\\x{b:02x}" for b in data)

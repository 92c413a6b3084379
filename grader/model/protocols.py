"""How the bytes of a course's protocol become messages: the framing and its settings, and the messages it declares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a declared message.

    `kind` is `u8` … `i64`, `f32`, `f64`, `text` or `bytes`. Of a text: `size` is its fixed length, `length` the kind of
    number that stands before it and counts its bytes, `to_zero` says that a zero byte ends it; with none of these it
    takes all that is left. `many` is the kind of number that counts the values of a list, or a fixed number of them.
    """

    name: str
    kind: str
    size: int | None = None
    length: str = ""
    to_zero: bool = False
    pad: str = "\0"
    many: str = ""
    names: Mapping[str, int] = field(default_factory=dict, hash=False)
    """The values of a number that have names."""
    constant: str | None = None
    """The value that it always has: it tells this message from the others. Written as in a play, without quotes."""


@dataclass(frozen=True, slots=True)
class Message:
    """A binary message that a spec declares: its fields in the order in which they travel."""

    name: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Protocol:
    """Everything that both sides must agree on before the first message."""

    framing: str = "line"
    settings: Mapping[str, str | int] = field(default_factory=dict, hash=False)
    encoding: str = "utf-8"
    body: str = "text"
    """What a message holds: `text` or `json`."""
    messages: tuple[Message, ...] = ()
    transport: str = "tcp"
    python: Mapping[str, str] = field(default_factory=dict, hash=False)
    """The text of each file of Python in which the spec names a framing or a matcher, by the file as it is written there."""
    trusted: str = ""
    """Of TLS: the certificates, as text, one of which has to vouch for the server's; without any, each one will do."""
    replies: str = "same"
    """Of datagrams: answers come from the `same` port that was called, or from `anywhere`."""
    repeats: str = "count"
    """Of datagrams: one that is the same as the last one is a message (`count`), or is `ignored`."""
    acknowledge: tuple[tuple[str, str], ...] = ()
    """What a client answers by itself: patterns of messages, each with what is answered."""
    max_line: int = 0
    """Of lines: how many bytes one that a server sends may have, its end included; 0: as many as can be read."""
    order: str = "big"
    """The order of the bytes of a number in declared messages."""

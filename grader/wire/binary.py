"""Declared binary messages: from the bytes of a message to a line that a play can hold, and back.

    messages:
      plate: {type: u8 = 0x20, plate: text with u8 length, timestamp: u32}

    20 04 55 4e 31 58 00 00 00 2d      plate plate="UN1X" timestamp=45

The line is the message as everybody meets it: in plays, findings and reports. It has the name of the message and the
fields that are not the same in each of that kind, texts in quotes, bytes as 0x…, lists in brackets. What no declared
message fits is written as its bytes, 0x…, and fits no line of a play but `<*>`.

Nothing here raises for what a server sent: `end` says NoMessage where a stream can't go on, `show` shows what is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from grader.model import Field, Message
from grader.wire.numbers import NUMBERS, Order
from grader.wire.parts import to_bytes, to_text
from grader.wire.quoting import fields_of, items_of, quoted, unquoted

MOST_ITEMS = 10_000
"""Values of a list whose values differ in length."""
LONGEST_TO_ZERO = 64 << 10


class NoMessage(Exception):
    """The bytes begin no message that was declared."""


class _NeedsMore(Exception):
    """The message is not whole; it has at least so many bytes."""

    def __init__(self, least: int) -> None:
        self.least = least


@dataclass(slots=True)
class _Cursor:
    data: bytes | bytearray
    at: int
    whole: bool
    """Whether `data` ends with the message: then a field may take all that is left."""

    def take(self, size: int) -> bytes:
        end = self.at + size
        if end > len(self.data):
            raise _NeedsMore(end)
        taken = bytes(self.data[self.at : end])
        self.at = end
        return taken


class Codec:
    """Reads and writes the messages that a spec declares."""

    def __init__(self, messages: tuple[Message, ...], order: str) -> None:
        self.messages = {message.name: message for message in messages}
        self._order: Order = "little" if order == "little" else "big"

    def end(self, data: bytearray, begin: int) -> int:
        """Where the message that begins here ends, or where it ends at least. Raises NoMessage."""
        for message in self.messages.values():
            cursor = _Cursor(data, begin, whole=False)
            try:
                for _ in self._values(message, cursor):
                    pass
            except NoMessage:
                continue
            except _NeedsMore as needs:
                return needs.least
            return cursor.at
        raise NoMessage

    def show(self, body: bytes) -> str:
        """A message as a play writes it."""
        for message in self.messages.values():
            cursor = _Cursor(body, 0, whole=True)
            try:
                values = [(field, value) for field, value in self._values(message, cursor) if field.constant is None]
            except (NoMessage, _NeedsMore):
                continue
            if cursor.at == len(body):
                return " ".join([message.name, *(f"{field.name}={value}" for field, value in values)])
        return f"0x{body.hex()}"

    def pack(self, text: str) -> bytes:
        """The bytes of a message that a play sends. Of what can't be written as asked, what comes nearest."""
        name, fields = fields_of(text)
        message = self.messages.get(name)
        if message is None:
            return bytes.fromhex(name[2:]) if name.startswith("0x") and len(name) % 2 == 0 else to_bytes(text)
        given = dict(fields)
        return b"".join(self._packed(field, given.get(field.name, "")) for field in message.fields)

    # -- reading ----------------------------------------------------------------------------------------------------

    def _values(self, message: Message, cursor: _Cursor) -> Iterator[tuple[Field, str]]:
        for field in message.fields:
            value = self._read(field, cursor)
            if field.constant is not None and value != self.constant(field):
                raise NoMessage
            yield field, value

    def constant(self, field: Field) -> str:
        """The value of a field that never changes, as it is shown."""
        said = field.constant or ""
        return quoted(said) if field.kind == "text" else canonical(field, said)

    def _read(self, field: Field, cursor: _Cursor) -> str:
        if not field.many:
            return self._read_one(field, cursor)
        if field.many == "*":
            values: list[str] = []
            while cursor.at < len(cursor.data) and len(values) < MOST_ITEMS:
                values.append(self._read_one(field, cursor))
            return f"[{', '.join(values)}]"
        count = int(field.many) if field.many.isdecimal() else int(NUMBERS[field.many].read(cursor.take, self._order))
        least = cursor.at + count * _least(field)
        if least > len(cursor.data):
            raise _NeedsMore(least)
        if count > MOST_ITEMS and field.kind in ("text", "bytes"):
            raise NoMessage
        return f"[{', '.join(self._read_one(field, cursor) for _ in range(count))}]"

    def _read_one(self, field: Field, cursor: _Cursor) -> str:
        number = NUMBERS.get(field.kind)
        if number is not None:
            return canonical(field, str(number.read(cursor.take, self._order)))
        raw = self._read_bytes(field, cursor)
        if field.kind == "bytes":
            return f"0x{raw.hex()}"
        return quoted(to_text(raw.rstrip(to_bytes(field.pad)) if field.size is not None else raw))

    def _read_bytes(self, field: Field, cursor: _Cursor) -> bytes:
        if field.size is not None:
            return cursor.take(field.size)
        if field.length:
            return cursor.take(int(NUMBERS[field.length].read(cursor.take, self._order)))
        if field.to_zero:
            end = cursor.data.find(b"\0", cursor.at, cursor.at + LONGEST_TO_ZERO)
            if end < 0:
                if len(cursor.data) - cursor.at >= LONGEST_TO_ZERO:
                    raise NoMessage
                raise _NeedsMore(len(cursor.data) + 1)
            return cursor.take(end + 1 - cursor.at)[:-1]
        if not cursor.whole:
            raise NoMessage
        return cursor.take(len(cursor.data) - cursor.at)

    # -- writing ----------------------------------------------------------------------------------------------------

    def _packed(self, field: Field, text: str) -> bytes:
        if field.constant is not None:
            return self._packed_one(field, field.constant)
        if not field.many:
            return self._packed_one(field, text)
        items = items_of(text)
        body = b"".join(self._packed_one(field, item) for item in items)
        counted = field.many != "*" and not field.many.isdecimal()
        return (NUMBERS[field.many].write(str(len(items)), self._order) if counted else b"") + body

    def _packed_one(self, field: Field, text: str) -> bytes:
        number = NUMBERS.get(field.kind)
        if number is not None:
            return number.write(str(field.names.get(text, text)), self._order)
        raw = _bytes_of(text)
        if field.size is not None:
            return raw[: field.size].ljust(field.size, to_bytes(field.pad))
        if field.length:
            raw = raw[: NUMBERS[field.length].most]
            return NUMBERS[field.length].write(str(len(raw)), self._order) + raw
        return raw.replace(b"\0", b"") + b"\0" if field.to_zero else raw


def _least(field: Field) -> int:
    """How many bytes one value of a field has at least."""
    if field.kind in NUMBERS:
        return NUMBERS[field.kind].size
    return field.size if field.size is not None else NUMBERS[field.length].size if field.length else int(field.to_zero)


def _bytes_of(text: str) -> bytes:
    if text.startswith("0x"):
        try:
            return bytes.fromhex(text[2:])
        except ValueError:
            return to_bytes(text)
    return to_bytes(unquoted(text))


def canonical(field: Field, said: str) -> str:
    """A number as it is shown: its name, if its value has one, else in decimal digits. Other text as it is."""
    number = NUMBERS.get(field.kind)
    if number is None or said in field.names:
        return said
    value = number.parse(said)
    if value is None:
        return said
    for name, meant in field.names.items():
        if meant == value:
            return name
    return number.show(value)

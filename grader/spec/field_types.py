"""The types of fields in declared messages, as they are written in a spec.

u16                     a number: u8 u16 u32 u64, i8 … i64 with a sign, f32 f64 with a fraction
u8 = 0x20               always this value
text with u8 length     a number, and so many bytes
text(32)                32 bytes, filled up with zeros (or: padded with spaces)
text to zero            up to a zero byte
text                    all that is left of the message; bytes instead of text where it is none
u16 list of u32         a number, and so many numbers; list(3) of u8 three of them, list of u8 all that is left
{of: u8, join: 1}       under `types:` a number whose values have names
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from grader.model import Field
from grader.spec.complaints import listed, shown
from grader.spec.keys import Reading
from grader.spec.names import is_word
from grader.spec.values import text
from grader.spec.yaml_marks import Entries, Node, Scalar
from grader.wire.numbers import COUNTS, NUMBERS
from grader.wire.quoting import unquoted

LONGEST = 1_000_000
_LIST = re.compile(r"(?:(?P<many>\w+) list of |list\((?P<count>\d{1,6})\) of |(?P<rest>list of ))(?P<one>.+)")
_CONSTANT = re.compile(r"(?P<one>.+?) = (?P<constant>.+)")
_ONE = re.compile(
    r"(?P<kind>[A-Za-z][\w-]*)(?:\((?P<size>\d{1,7})\))?"
    r"(?: with (?P<length>\w+) length| (?P<zero>to zero))?(?: padded with (?P<pad>zeros|spaces))?"
)
_PLACE = "Write u16, text with u8 length, text(32), text to zero, u8 list of u16 …"


def read_types(reading: Reading, node: Node) -> dict[str, Field]:
    """Types with names of their own."""
    if not isinstance(node, Entries):
        reading.complain(node, "`types` is a map of name to type.", "Write {str: text with u8 length}.")
        return {}
    types: dict[str, Field] = {}
    for key, value in node.entries:
        if not is_word(key.value) or key.value in NUMBERS or key.value in ("text", "bytes"):
            reading.complain(key, f"{shown(key.value)} can't be the name of a type.", "Choose another word.")
            continue
        read = (
            _named_values(reading, key, value) if isinstance(value, Entries) else read_field(reading, key, value, types)
        )
        if read is not None:
            types[key.value] = read
    return types


def _named_values(reading: Reading, key: Scalar, node: Entries) -> Field | None:
    """A number whose values have names: `{of: u8, join: 1, leave: 2}`."""
    said = {name.value: value.value if isinstance(value, Scalar) else "" for name, value in node.entries}
    kind = said.pop("of", "")
    if kind not in NUMBERS:
        hint = "Write {of: u8, join: 1, leave: 2}."
        reading.complain(node, f"The type {key.value} does not say which number it is.", hint)
        return None
    names: dict[str, int] = {}
    for name, value in node.entries:
        if name.value == "of":
            continue
        parsed = NUMBERS[kind].parse(said[name.value])
        if not is_word(name.value) or not isinstance(parsed, int) or not NUMBERS[kind].fits(said[name.value]):
            reading.complain(value, f"{shown(name.value)} needs a value that a {kind} can have.")
        else:
            names[name.value] = parsed
    return Field(key.value, kind, names=names)


def read_field(reading: Reading, key: Scalar, node: Node, types: Mapping[str, Field]) -> Field | None:
    """One field, or None after a complaint."""
    if not is_word(key.value):
        reading.complain(key, f"{shown(key.value)} is no name for a field.", "Use letters, digits and -.")
        return None
    said = text(reading, node, key.value)
    if said is None:
        return None
    many, constant = "", None
    if (found := _CONSTANT.fullmatch(said)) is not None:
        said, constant = found["one"], found["constant"].strip()
    if (found := _LIST.fullmatch(said)) is not None:
        said, many = found["one"], found["many"] or found["count"] or "*"
        if found["many"] and many not in COUNTS:
            message = f"{shown(many)} can't count the values of a list."
            reading.complain(node, message, f"Write {listed(COUNTS)}.")
            return None
    field = _one(reading, key, node, said, types)
    if field is None:
        return None
    if many and (constant is not None or field.many):
        reading.complain(node, "A list has no value of its own, and holds no other lists.")
        return None
    field = replace(field, name=key.value, many=many or field.many)
    return field if constant is None else _with_constant(reading, node, field, constant)


def _one(reading: Reading, key: Scalar, node: Node, said: str, types: Mapping[str, Field]) -> Field | None:
    found = _ONE.fullmatch(said)
    kind = found["kind"] if found else said.split("(", maxsplit=1)[0].split(" ", maxsplit=1)[0]
    if found is None or (kind not in NUMBERS and kind not in types and kind not in ("text", "bytes")):
        known = [*types, *NUMBERS, "text", "bytes"]
        if kind in known:
            reading.complain(node, f"{shown(said)} is no type.", _PLACE)
        else:
            reading.complaints.unknown(node.place, f"{shown(kind)} is no type.", kind, known, _PLACE)
        return None
    more = [found["size"], found["length"], found["zero"], found["pad"]]
    if kind not in ("text", "bytes"):
        if any(more):
            reading.complain(node, f"A {kind} has no length of its own.", f"Write {kind}.")
            return None
        return types.get(kind) or Field(key.value, kind)
    if found["length"] and found["length"] not in COUNTS:
        message = f"{shown(found['length'])} can't count bytes."
        reading.complain(node, message, f"Write {listed(COUNTS)}.")
        return None
    size = int(found["size"]) if found["size"] else None
    if (
        sum(map(bool, more[:3])) > 1
        or (found["pad"] and size is None)
        or (size is not None and not 0 < size <= LONGEST)
    ):
        reading.complain(node, f"{shown(said)} is no type.", _PLACE)
        return None
    return Field(
        key.value, kind, size, found["length"] or "", bool(found["zero"]), " " if found["pad"] == "spaces" else "\0"
    )


def _with_constant(reading: Reading, node: Node, field: Field, said: str) -> Field | None:
    number = NUMBERS.get(field.kind)
    if number is not None:
        if said in field.names:
            said = str(field.names[said])
        if not number.fits(said):
            reading.complain(node, f"{shown(said)} is no {field.kind}.", "Write u8 = 0x20.")
            return None
        return replace(field, constant=number.show(number.parse(said) or 0))
    return replace(field, constant=unquoted(said))

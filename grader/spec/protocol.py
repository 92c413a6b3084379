"""`protocol:`, `messages:` and `types:`: how bytes become messages, and what is in them.

    protocol: {framing: line}                                   a framing by its name
    protocol: {framing: {length: u16, counts: all}}             with its settings: the first key is its name
    messages:                                                   declared binary messages
      plate: {type: u8 = 0x20, plate: text with u8 length, timestamp: u32}

Which settings a framing has stands in the framing itself, so a new one needs nothing here.
"""

from __future__ import annotations

import ast
import ssl
from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations
from pathlib import Path

from grader.model import Field, Message, Protocol
from grader.spec import tables
from grader.spec.acknowledge import read_acknowledge
from grader.spec.complaints import joined, shown
from grader.spec.field_types import read_field, read_types
from grader.spec.functions import Lacking, look_up
from grader.spec.keys import Reading, Values, read_map
from grader.spec.names import is_word
from grader.spec.values import text
from grader.spec.yaml_marks import Entries, Node, Scalar
from grader.wire.doors import taken_apart
from grader.wire.framing import Value
from grader.wire.framings import FRAMINGS
from grader.wire.numbers import NUMBERS

MOST_MESSAGES = 500
JSON = ("json", "json-lines")


def read_protocol(reading: Reading, top: Values) -> Protocol:
    """The protocol of a spec. Complaints are collected; what can't be read is as if it were not there."""
    node = top.get("protocol")
    section = read_map(reading, node, tables.PROTOCOL) if node is not None else Values(top.place)
    types = read_types(reading, top.get("types")) if "types" in top.got else {}
    transport = section.get("transport", "tcp")
    written = section.get("framing")
    by_itself = written is None or (isinstance(written, Scalar) and written.value == "messages")
    framed = transport == "udp" or not by_itself
    messages = _messages(reading, top.get("messages"), types, framed=framed) if "messages" in top.got else ()
    name: str = "datagram" if transport == "udp" else "messages" if messages else "line"
    settings: Mapping[str, Value] = {}
    if "framing" in section.got:
        name, settings = _framing(reading, section.get("framing")) or (name, settings)
    if name == "messages" and "messages" not in top.places:
        reading.complain(section.place_of("framing"), "The framing `messages` needs `messages`.", "Declare them.")
    body = section.get("body", "json" if name in JSON else "text")
    if body == "json" and messages:
        reading.complain(top.place_of("messages"), "Messages that hold JSON are not declared.", "Remove `messages`.")
    for message in messages:
        _check_rest(reading, message, top.place_of("messages"), framed=name != "messages")
    if "types" in top.places and "messages" not in top.places:
        reading.complain(top.place_of("types"), "`types` are for `messages`, which are not here.", "Remove it.")
    if transport == "udp" and name != "datagram":
        hint = "Remove `framing`: a datagram is a message."
        reading.complain(section.place_of("framing"), "Over UDP the framing is `datagram`.", hint)
    for key in ("replies", "repeats"):
        if transport != "udp" and key in section.got:
            reading.complain(section.place_of(key), f"`{key}` is for `transport: udp`.", "Remove it.")
    if "max_line" in section.got and name != "line":
        reading.complain(section.place_of("max_line"), "`max_line` is for the framing `line`.", "Remove it.")
    more = {
        "transport": transport,
        "max_line": section.get("max_line", 0),
        "trusted": _trusted(reading, section, transport),
        "replies": section.get("replies", "same"),
        "repeats": section.get("repeats", "count"),
    }
    found = Protocol(
        name, settings, section.get("encoding", "utf-8"), body, messages, order=section.get("order", "big"), **more
    )
    if "acknowledge" not in section.got:
        return found
    return replace(found, acknowledge=read_acknowledge(reading, section.get("acknowledge"), found))


def _trusted(reading: Reading, section: Values, transport: str) -> str:
    """The certificates of a file that the spec names, as text."""
    if "certificate" not in section.got:
        return ""
    place, name = section.place_of("certificate"), str(section.get("certificate"))
    if transport != "tls":
        reading.complain(place, "`certificate` is for `transport: tls`.", "Remove it.")
        return ""
    try:
        vouching = (Path(place.path).parent / name).read_text(encoding="ascii")
        ssl.create_default_context(cadata=vouching)
    except (OSError, ValueError) as error:  # an SSLError is an OSError, too
        missing = isinstance(error, FileNotFoundError)
        what = f"There is no file {shown(name)}." if missing else f"{shown(name)} holds no certificate."
        hint = "It is looked for from the folder of the spec." if missing else "It begins with BEGIN CERTIFICATE."
        reading.complain(place, what, hint)
        return ""
    return vouching


def _framing(reading: Reading, node: Node) -> tuple[str, Mapping[str, Value]] | None:
    written = [name for name in FRAMINGS if FRAMINGS.get(name).written]
    if isinstance(node, Scalar):
        name = text(reading, node, "framing")
        entries: list[tuple[Scalar, Node]] = []
    elif isinstance(node, Entries):
        keys = [key.value for key, _ in node.entries]
        name = next((key for key in keys if key in written), keys[0] if keys else "")
        entries = list(node.entries)
    else:
        reading.complain(node, "`framing` is a name, or a map that begins with one.", "Write line or {length: u16}.")
        return None
    if name is None:
        return None
    if name not in written:
        place = entries[0][0].place if entries else node.place
        otherwise = f"There are {joined(written)}."
        reading.complaints.unknown(place, f"{shown(name)} is no framing.", name, written, otherwise)
        return None
    before = len(reading.complaints)
    settings = _settings(reading, name, entries, node)
    # With wrong settings no framing can be made; what is written in plays is held against the least strict one.
    return ("none", {}) if len(reading.complaints) > before else (name, settings)


def _read_class(reading: Reading, node: Node, said: str) -> None:
    try:
        _, source, _ = look_up(said, reading.folders, ast.ClassDef)
    except Lacking as lacking:
        reading.complain(node, lacking.message, lacking.hint)
    else:
        reading.python[taken_apart(said)[0]] = source


def _settings(reading: Reading, name: str, entries: list[tuple[Scalar, Node]], node: Node) -> dict[str, Value]:
    known = FRAMINGS.get(name).settings
    got: dict[str, Value] = {}
    for key, value in entries:
        setting = known.get(key.value)
        if setting is None:
            message = f"The framing {name} has no setting {shown(key.value)}."
            if key.value == name:
                reading.complain(key, f"The framing {name} takes no value.", f"Write framing: {name}.")
            elif known:
                otherwise = f"It has {joined(known)}."
                reading.complaints.unknown(key.place, message, key.value, known, otherwise)
            else:
                reading.complain(key, message, f"Write framing: {name}.")
            continue
        said = value.value if isinstance(value, Scalar) and value.cut is None else ""
        read = setting.read(said)
        if read is None:
            reading.complain(value, f"`{key.value}` of the framing {name} is {setting.write}.")
        else:
            got[key.value] = read
        if name == key.value == "python" and read is not None:
            _read_class(reading, value, str(read))
    given = {key.value for key, _ in entries}
    for needed, setting in known.items():
        if setting.otherwise is None and needed not in given:
            reading.complain(node, f"The framing {name} needs `{needed}`: {setting.write}.", f"Write {{{needed}: …}}.")
    return got


# -- declared messages ------------------------------------------------------------------------------------------------


def _messages(reading: Reading, node: Node, types: Mapping[str, Field], *, framed: bool) -> tuple[Message, ...]:
    if not isinstance(node, Entries) or not 0 < len(node.entries) <= MOST_MESSAGES:
        hint = "Write plate: {type: u8 = 0x20, plate: text with u8 length, timestamp: u32}."
        reading.complain(node, "`messages` is a map of each message's name to its fields.", hint)
        return ()
    found = []
    for key, value in node.entries:
        if not is_word(key.value):
            reading.complain(key, f"{shown(key.value)} is no name for a message.", "Use letters, digits and -.")
        elif not isinstance(value, Entries):
            reading.complain(value, f"{key.value} is a map of its fields.", "Write {type: u8 = 1, text: text to zero}.")
        else:
            fields = [read_field(reading, name, kind, types) for name, kind in value.entries]
            found.append(Message(key.value, tuple(f for f in fields if f is not None)))
    places = {key.value: key.place for key, _ in node.entries}
    for one, other in combinations(found, 2):
        if _alike(one, other) and not (framed and _sizes_differ(one, other)):
            hint = "Give a field of each a value of its own: type: u8 = 1."
            reading.complain(places[other.name], f"Nothing tells {other.name} from {one.name}.", hint)
            break
    return tuple(found)


def _sizes_differ(one: Message, other: Message) -> bool:
    """Whether two messages are always of different length: where something else cuts them, that tells them apart."""
    sizes = [_size(one), _size(other)]
    return None not in sizes and sizes[0] != sizes[1]


def _size(message: Message) -> int | None:
    """How many bytes a message always has; None where that is not fixed."""
    total = 0
    for one in message.fields:
        size = NUMBERS[one.kind].size if one.kind in NUMBERS else one.size
        many = 1 if not one.many else int(one.many) if one.many.isdecimal() else None
        if size is None or many is None:
            return None
        total += size * many
    return total


def _alike(one: Message, other: Message) -> bool:
    """Whether the same bytes could begin both: no field at the same place has a constant of its own."""
    for mine, theirs in zip(one.fields, other.fields, strict=False):
        if mine.constant is not None and theirs.constant is not None and mine.constant != theirs.constant:
            return False
        if (mine.kind, mine.size, mine.length, mine.many) != (theirs.kind, theirs.size, theirs.length, theirs.many):
            break
    constants = [any(f.constant is not None for f in message.fields) for message in (one, other)]
    return not all(constants) or one.fields[:1] == other.fields[:1]


def _check_rest(reading: Reading, message: Message, place: Node | object, *, framed: bool) -> None:
    for at, field in enumerate(message.fields):
        if not _takes_rest(field):
            continue
        if not framed:
            hint = "Write how long it is: text with u8 length, text(32) or text to zero."
            reading.complain(place, f"Nothing says where {field.name} of {message.name} ends.", hint)  # type: ignore[arg-type]
        elif at != len(message.fields) - 1:
            hint = "Only the last field may take all that is left."
            reading.complain(place, f"Nothing says where {field.name} of {message.name} ends.", hint)  # type: ignore[arg-type]


def _takes_rest(field: Field) -> bool:
    endless = field.kind in ("text", "bytes") and field.size is None and not field.length and not field.to_zero
    return field.many == "*" or endless

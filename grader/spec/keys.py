"""What may stand under a key: how each kind of value is read, and what is said when it is something else.

A reader takes a node and gives a value, or None after a complaint. Which reader belongs to which key is a table
(`tables`), so a new key is a new row. Values are the text that stands in the file; only here does a text become a
number or a flag, because only here is it known what was asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from grader.model import Place
from grader.spec.complaints import Complaints, listed, shown
from grader.spec.yaml_marks import Entries, Items, Node, Scalar
from grader.wire.match import Template, TemplateError

Reader = Callable[["Reading", Node, str], Any]
"""Reads the node that stands under a key; None means that a complaint was made."""

_LANGUAGE = re.compile(r"[a-z]{2,3}")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_NUMBER = re.compile(r"[0-9]{1,6}(\.[0-9]{1,4})?")
_FLAGS = {"true": True, "false": False, "yes": True, "no": False}
_PROSE_HINT = "In quotes, or below `{key}: >-`, it stays whole."


@dataclass(slots=True)
class Reading:
    """One reading of a spec: its complaints, and what other keys have said by now."""

    complaints: Complaints
    language: str = "en"
    languages: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)

    def complain(self, where: Node | Place, message: str, hint: str = "") -> None:
        """One complaint; returns None, as a reader that failed does."""
        self.complaints.add(where if isinstance(where, Place) else where.place, message, hint)


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one kind of map: how each is read, which must be there, and which are still to come."""

    of: str
    readers: Mapping[str, Reader]
    required: tuple[str, ...] = ()
    not_yet: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Values:
    """What a map says: the values that could be read, and where each key stands."""

    place: Place
    got: Mapping[str, Any] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)

    def get(self, key: str, default: Any = None) -> Any:
        """The value under a key, or the default if there is none that could be read."""
        return self.got.get(key, default)

    def place_of(self, key: str) -> Place:
        """Where the value of a key stands, or the map itself."""
        return self.places.get(key, self.place)


def read_map(reading: Reading, node: Node, keys: Keys) -> Values:
    """The values of a map, each read by its key's reader. Unknown and missing keys are complaints."""
    if not isinstance(node, Entries):
        reading.complain(
            node, f"{keys.of[:1].upper()}{keys.of[1:]} is a map of keys.", f"Its keys are {', '.join(keys.readers)}."
        )
        return Values(node.place)
    got: dict[str, Any] = {}
    places: dict[str, Place] = {}
    for key, value in node.entries:
        places[key.value] = value.place
        if key.value in keys.readers:
            read = keys.readers[key.value](reading, value, key.value)
            if read is not None:
                got[key.value] = read
        elif key.value in keys.not_yet:
            reading.complain(key, f"`{key.value}` is not supported yet by this version.", "Remove it.")
        else:
            message = f"{keys.of[:1].upper()}{keys.of[1:]} has no key {shown(key.value)}."
            reading.complaints.unknown(
                key.place, message, key.value, keys.readers, f"It has {', '.join(keys.readers)}."
            )
    missing = [key for key in keys.required if key not in places]
    if missing:
        reading.complain(
            node,
            f"{keys.of[:1].upper()}{keys.of[1:]} needs {listed(f'`{key}`' for key in missing)}.".replace(
                " or ", " and "
            ),
        )
    return Values(node.place, got, places)


def text(reading: Reading, node: Node, key: str) -> str | None:
    """A text in one language or none: a command, a template."""
    if not isinstance(node, Scalar):
        reading.complain(node, f"`{key}` is a text.", "Put it in quotes if it has brackets or braces.")
        return None
    if node.cut is not None:
        hint = f"In quotes it stays whole: {key}: '{node.cut.strip()}'" if "'" not in node.cut else "Put it in quotes."
        reading.complain(node, "YAML takes the # in this text for a comment and drops the rest.", hint)
        return None
    if not node.value.strip():
        reading.complain(node, f"`{key}` is empty.")
        return None
    return node.value.strip()


def words(reading: Reading, node: Node, key: str) -> Mapping[str, str] | None:
    """A text for people: one for all languages, or a map of language to text."""
    if isinstance(node, Scalar):
        found = text(reading, node, key)
        return None if found is None else {reading.language: found}
    if not isinstance(node, Entries):
        reading.complain(node, f"`{key}` is a text, or a map of language to text.", "Put it in quotes.")
        return None
    got: dict[str, str] = {}
    for language, value in node.entries:
        if not _LANGUAGE.fullmatch(language.value):
            reading.complain(language, f"{shown(language.value)} is no language.", "Write two letters: en, es.")
        elif reading.languages and language.value not in reading.languages:
            hint = f"The title is in {listed(reading.languages)}.".replace(" or ", " and ")
            reading.complain(language, f"The spec has no {shown(language.value)}.", hint)
        elif (found := text(reading, value, key)) is not None:
            got[language.value] = found
    given = {language.value for language, _ in node.entries}
    missing = [language for language in reading.languages if language not in given]
    if missing:
        reading.complain(node, f"`{key}` is missing in {listed(missing)}.".replace(" or ", " and "))
    return got or None


def slug(reading: Reading, node: Node, key: str) -> str | None:
    """An id: small letters, digits and single hyphens."""
    found = text(reading, node, key)
    if found is not None and (len(found) > 60 or not _SLUG.fullmatch(found)):
        near = re.sub(r"[^a-z0-9]+", "-", found.lower()).strip("-")[:60]
        hint = f"Write {near}." if near else "Write small letters, digits and -."
        reading.complain(node, f"{shown(found)} is no {key}: it is made of small letters, digits and -.", hint)
        return None
    return found


def number(reading: Reading, node: Node, key: str) -> float | None:
    """A positive number such as 5 or 2.5."""
    if isinstance(node, Scalar) and _NUMBER.fullmatch(node.value) and float(node.value) > 0:
        return float(node.value)
    said = f", not {shown(node.value)}" if isinstance(node, Scalar) else ""
    reading.complain(node, f"`{key}` is a positive number{said}.", "Write 5 or 2.5.")
    return None


def count(reading: Reading, node: Node, key: str) -> int | None:
    """A whole number from 1 to 20."""
    if isinstance(node, Scalar) and node.value.isdecimal() and 1 <= int(node.value[:9]) <= 20:
        return int(node.value)
    reading.complain(node, f"`{key}` is a whole number from 1 to 20.")
    return None


def flag(reading: Reading, node: Node, key: str) -> bool | None:
    """True or false."""
    if isinstance(node, Scalar) and node.value.lower() in _FLAGS:
        return _FLAGS[node.value.lower()]
    reading.complain(node, f"`{key}` is true or false.")
    return None


def one_of(known: Iterable[str], what: str) -> Reader:
    """One of these words."""
    choices = tuple(known)

    def read(reading: Reading, node: Node, key: str) -> str | None:
        found = text(reading, node, key)
        if found is None or found in choices:
            return found
        message = f"{shown(found)} is no {what}."
        reading.complaints.unknown(node.place, message, found, choices, f"Write {listed(choices)}.")
        return None

    return read


def some_of(read_one: Reader) -> Reader:
    """One value, or a list of them."""

    def read(reading: Reading, node: Node, key: str) -> tuple[tuple[str, Place], ...]:
        nodes = node.items if isinstance(node, Items) else (node,)
        found = [(read_one(reading, item, key), item.place) for item in nodes]
        return tuple((value, place) for value, place in found if value is not None)

    return read


def template(allowed: tuple[str, ...] = ()) -> Reader:
    """A template whose placeholders are these names or declared words."""

    def read(reading: Reading, node: Node, key: str) -> str | None:
        found = text(reading, node, key)
        if found is None:
            return None
        try:
            errors = Template.parse(found, reading.words).unknown([*allowed, *reading.words])
        except TemplateError as error:
            errors = (error,)
        for error in errors:
            hint = error.hint or "Write <*> for any text."
            reading.complain(node, f"`{key}`: {error.message}", hint)
        return None if errors else found

    return read


def regexes(reading: Reading, node: Node, key: str) -> Mapping[str, str] | None:
    """Words of a dialect: a map of name to regular expression."""
    if not isinstance(node, Entries):
        reading.complain(node, f"`{key}` is a map of name to regular expression.", 'Write {name: "[a-z]{1,20}"}.')
        return None
    got: dict[str, str] = {}
    for name, value in node.entries:
        found = text(reading, value, name.value)
        if found is None:
            continue
        try:
            # As it will be used, inside a larger one: flags at its beginning are refused there.
            compiled = re.compile(f"(?:{found})")
        except (re.error, OverflowError, RecursionError) as error:
            reading.complain(value, f"This is no regular expression: {error}.")
            continue
        if compiled.groups:
            reading.complain(value, "A word's regular expression has no groups.", "Write (?: instead of ( .")
        elif compiled.fullmatch(""):
            reading.complain(value, f"<{name.value}> would fit nothing at all.", "Write + instead of *.")
        else:
            got[name.value] = found
    return got


def as_it_is(_reading: Reading, node: Node, _key: str) -> Node:
    """The node itself, to be read when more is known."""
    return node


def nested(keys: Keys) -> Reader:
    """A map with keys of its own."""
    return lambda reading, node, _key: read_map(reading, node, keys)

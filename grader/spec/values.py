"""How each kind of value is read, and what is said when something else stands there.

A reader takes a node and gives a value, or None after a complaint. A node holds the text that stands in the file; only
here does a text become a number or a flag, because only here is it known what was asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from grader.model import Place, spanish
from grader.spec.complaints import joined, listed, shown
from grader.spec.keys import Keys, Reader, Reading, Values, read_map
from grader.spec.yaml_marks import Entries, Items, Node, Scalar
from grader.wire.match import Template, TemplateError, check_regex, unknown
from grader.wire.parts import What

LANGUAGE = re.compile(r"[a-z]{2,3}")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_NUMBER = re.compile(r"[0-9]{1,6}(\.[0-9]{1,4})?")
_SECONDS = re.compile(r"([0-9]{1,5}(?:\.[0-9]{1,3})?)\s?(ms|s)")
_MINUTES = re.compile(r"([0-9]{1,5}(?:\.[0-9]{1,3})?)\s?(s|min)")


@dataclass(frozen=True, slots=True)
class Made:
    """How a reader was made: by which function of this module, and of what. The schema is written from that."""

    name: str
    choices: tuple[str, ...] = ()
    inner: Reader | None = None
    keys: Keys | None = None
    own: Mapping[str, Keys] | None = None


MADE_BY: dict[Reader, Made] = {}
FLAGS = {"true": True, "false": False, "yes": True, "no": False, **spanish.FLAGS}


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
        if not LANGUAGE.fullmatch(language.value):
            cut_off = isinstance(value, Scalar) and value.plain and not value.value
            hint = "A comma ends a text in { }: put it in quotes." if cut_off else "Write two letters: en, es."
            reading.complain(language, f"{shown(language.value)} is no language.", hint)
        elif reading.languages and language.value not in reading.languages:
            hint = f"The title is in {joined(reading.languages)}."
            reading.complain(language, f"The spec has no {shown(language.value)}.", hint)
        elif (found := text(reading, value, key)) is not None:
            got[language.value] = found
    given = {language.value for language, _ in node.entries}
    missing = [language for language in reading.languages if language not in given]
    if missing:
        reading.complain(node, f"`{key}` is missing in {joined(missing)}.")
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


def seconds(reading: Reading, node: Node, key: str) -> float | None:
    """A time such as 2s, 1.5s or 400ms, from 50 ms to 30 s."""
    found = _SECONDS.fullmatch(node.value) if isinstance(node, Scalar) else None
    if found is not None:
        value = float(found[1]) / (1000 if found[2] == "ms" else 1)
        if 0.05 <= value <= 30:
            return value
    reading.complain(node, f"`{key}` is a time from 50 ms to 30 s.", "Write 2s or 400ms.")
    return None


def minutes(reading: Reading, node: Node, key: str) -> float | None:
    """A longer time: from 10 s to 1 hour."""
    found = _MINUTES.fullmatch(node.value) if isinstance(node, Scalar) else None
    value = float(found[1]) * (60 if found[2] == "min" else 1) if found else 0.0
    if 10 <= value <= 3600:
        return value
    reading.complain(node, f"`{key}` is a time from 10 s to 60 min.", "Write 120s or 5min.")
    return None


def flag(reading: Reading, node: Node, key: str) -> bool | None:
    """True or false."""
    said = spanish.fold(node.value) if isinstance(node, Scalar) else ""
    if said in FLAGS:
        return FLAGS[said]
    reading.complain(node, f"`{key}` is true or false.")
    return None


def one_of(known: Iterable[str], what: str) -> Reader:
    """One of these words."""
    choices = tuple(known)

    def read(reading: Reading, node: Node, key: str) -> str | None:
        found = text(reading, node, key)
        if found is not None and found not in choices:
            meant = spanish.VALUES.get(spanish.fold(found))
            found = meant if meant in choices else found
        if found is None or found in choices:
            return found
        message = f"{shown(found)} is no {what}."
        more = spanish.of(choices, spanish.VALUES)
        reading.complaints.unknown(node.place, message, found, choices, f"Write {listed(choices)}.", more)
        return None

    MADE_BY[read] = Made("one_of", choices)
    return read


def some_of(read_one: Reader) -> Reader:
    """One value, or a list of them."""

    def read(reading: Reading, node: Node, key: str) -> tuple[tuple[str, Place], ...]:
        nodes = node.items if isinstance(node, Items) else (node,)
        found = [(read_one(reading, item, key), item.place) for item in nodes]
        return tuple((value, place) for value, place in found if value is not None)

    MADE_BY[read] = Made("some_of", inner=read_one)
    return read


def template(allowed: tuple[str, ...] = ()) -> Reader:
    """A template whose placeholders are these names or declared words."""

    def read(reading: Reading, node: Node, key: str) -> str | None:
        found = text(reading, node, key)
        if found is None:
            return None
        errors: tuple[TemplateError, ...]
        try:
            parts = reading.phrases.parse(found).parts
            errors = unknown(parts, [*allowed, *reading.words])
            errors += tuple(
                TemplateError(f"<{part.what} …> stands only in plays.", part.offset)
                for part in parts
                if part.what in (What.PYTHON, What.FILE)
            )
        except TemplateError as unreadable:
            errors = (unreadable,)
        for error in errors:
            reading.complain(node, f"`{key}`: {error.message}", error.hint or "Write <*> for any text.")
        return None if errors else found

    MADE_BY[read] = Made("template")
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
        if Template.parse(f"<{name.value}>", {}).names != (name.value,):
            reading.complain(name, f"{shown(name.value)} can't be a word's name.", "Use letters, digits and _.")
            continue
        try:
            check_regex(found)
        except TemplateError as error:
            reading.complain(value, error.message, error.hint)
            continue
        if re.fullmatch(found, ""):
            reading.complain(value, f"<{name.value}> would fit nothing at all.", "Write + instead of *.")
        else:
            got[name.value] = found
    return got


def as_it_is(_reading: Reading, node: Node, _key: str) -> Node:
    """The node itself, to be read when more is known."""
    return node


def named(keys: Keys, own: Mapping[str, Keys] | None = None) -> Reader:
    """A map of names that the instructor chooses, each to a map with the same keys; `own` are names of the language."""
    special = own or {}

    def read(reading: Reading, node: Node, key: str) -> dict[str, Values] | None:
        if not isinstance(node, Entries):
            reading.complain(node, f"`{key}` is a map of names.", f"Each has {joined(keys.readers)}.")
            return None
        found: dict[str, Values] = {}
        for name, value in node.entries:
            meant = spanish.key(name.value)
            word = meant if meant in special else name.value
            found[word] = read_map(reading, value, special.get(word, keys))
        return found

    MADE_BY[read] = Made("named", keys=keys, own=special)
    return read


def nested(keys: Keys) -> Reader:
    """A map with keys of its own."""

    def read(reading: Reading, node: Node, _key: str) -> Values:
        return read_map(reading, node, keys)

    MADE_BY[read] = Made("nested", keys=keys)
    return read

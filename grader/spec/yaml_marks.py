"""YAML with its places kept and its surprises refused.

YAML says less than it seems to and more than one wants: `NO` is false, `001` is one, `JOIN #c` loses its channel, a
second key of the same name silently wins, nine lines of aliases are a billion nodes. So nothing is converted here. A
value is the text that stands in the file, with its line and column; what it means is decided by the key that asks for
it. Two keys of one name, tags, aliases that explode and a text that lost its end to a comment are complaints.

    run: python3 server.py <port>      # two spaces and a space behind: meant as a comment
    title: Room #5                     a text that was cut: refused where a text is wanted
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NoReturn

import yaml

from grader.model import Place
from grader.spec.complaints import Complaints, Spot, shown
from grader.spec.yaml_words import in_plain_words

MOST_NODES = 20_000
DEEPEST = 30
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Scalar:
    """A value: the text as it stands. `cut` is the whole text where YAML took its end for a comment."""

    value: str
    place: Place
    style: str = ""
    cut: str | None = None
    last_line: int = 0

    @property
    def plain(self) -> bool:
        """Whether it stands without quotes and without `|` or `>`."""
        return self.style == ""


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple[Node, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Entries:
    """A map, in the order of the file; each key once."""

    entries: tuple[tuple[Scalar, Node], ...]
    place: Place


Node = Scalar | Items | Entries


class _Stopped(Exception):
    """The rest can't be read."""


def read_yaml(text: str, complaints: Complaints) -> Node | None:
    """The one document in `text`, or None if it can't be read at all. Complaints are collected."""
    try:
        return _Composer(text, complaints).document()
    except _Stopped:
        return None
    except yaml.YAMLError as error:
        place, message, hint = in_plain_words(error, complaints)
        complaints.add(place, message, hint)
        return None


def spot_of_line(scalar: Scalar, number: int, line: str, complaints: Complaints) -> Spot:
    """Where line `number` (from 0) of a scalar's text begins in the file: exact in a `|` block, else its start."""
    if scalar.style == "|":
        row = scalar.place.line + 1 + number
        at = replace(scalar.place, line=row, column=1)
        source = complaints.line(at)
        if source.endswith(line):
            return Spot(replace(at, column=len(source) - len(line) + 1))
    return Spot(scalar.place, exact=False)


class _Composer:
    """Builds nodes from parser events: one at a time, so that a bomb is noticed before it is built."""

    def __init__(self, text: str, complaints: Complaints) -> None:
        self._events: Iterator[Any] = iter(yaml.parse(text, Loader=_LOADER))
        self._complaints = complaints
        self._anchors: dict[str, tuple[Node, int] | None] = {}
        self._unused: dict[str, Place] = {}
        self._count = 0

    def document(self) -> Node | None:
        next(self._events)
        start = next(self._events)
        if isinstance(start, yaml.StreamEndEvent):
            self._stop(start, "The file is empty.")
        node = self._node(next(self._events), 0)
        next(self._events)
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            self._stop(after, "A second document begins here.", "A spec is one document: remove the line ---.")
        for name, place in self._unused.items():
            self._complaints.add(
                place, f"YAML takes &{name} for an anchor, and it is used nowhere.", "Put the text in quotes."
            )
        return node

    def _node(self, event: Any, depth: int) -> Node:
        self._count += 1
        if self._count > MOST_NODES or depth > DEEPEST:
            what = f"more than {MOST_NODES} values" if depth <= DEEPEST else f"values nested over {DEEPEST} deep"
            self._stop(event, f"The spec has {what}.", "Look for an alias (*name) that repeats itself.")
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if event.tag is not None:
            self._complaints.add(
                self._place(event),
                f"Tags such as {shown(event.tag)} are not used in a spec.",
                "Remove it, or put the text in quotes.",
            )
        before = self._count
        if event.anchor is not None:
            self._anchors[event.anchor] = None
            self._unused[event.anchor] = self._place(event)
        node = self._built(event, depth)
        if event.anchor is not None:
            self._anchors[event.anchor] = (node, self._count - before)
        return node

    def _built(self, event: Any, depth: int) -> Node:
        if isinstance(event, yaml.ScalarEvent):
            style = event.style or ""
            return Scalar(event.value, self._place(event), style, self._cut(event, style), self._last_line(event))
        if isinstance(event, yaml.SequenceStartEvent):
            items = []
            while not isinstance(inner := next(self._events), yaml.SequenceEndEvent):
                items.append(self._node(inner, depth + 1))
            return Items(tuple(items), self._place(event))
        entries: dict[str, tuple[Scalar, Node]] = {}
        while not isinstance(inner := next(self._events), yaml.MappingEndEvent):
            key = self._node(inner, depth + 1)
            value = self._node(next(self._events), depth + 1)
            if not isinstance(key, Scalar):
                self._complaints.add(key.place, "A key must be a word.", "Put a text with braces in quotes.")
            elif key.value in entries:
                first = entries[key.value][0].place
                self._complaints.add(key.place, f"{shown(key.value)} stands here twice, first in line {first.line}.")
            else:
                entries[key.value] = (key, value)
        return Entries(tuple(entries.values()), self._place(event))

    def _alias(self, event: Any) -> Node:
        found = self._anchors.get(event.anchor)
        if found is None:
            message = f"*{event.anchor} refers to nothing above it."
            self._stop(event, message, "A text that begins with * must stand in quotes.")
        self._unused.pop(event.anchor, None)
        node, size = found
        self._count += size
        return node

    def _last_line(self, event: Any) -> int:
        return int(event.end_mark.line) + 1

    def _cut(self, event: Any, style: str) -> str | None:
        if style:
            return None
        line, column = event.end_mark.line, event.end_mark.column
        tail = self._complaints.lines[line][column:] if line < len(self._complaints.lines) else ""
        found = re.match(r"([ \t]+)#(.?)", tail)
        if not found or (len(found[1]) > 1 and found[2] in {"", " ", "#"}):
            return None
        return str(event.value) + tail.rstrip()

    def _place(self, event: Any) -> Place:
        mark = event.start_mark
        return self._complaints.place(mark.line + 1, mark.column + 1)

    def _stop(self, event: Any, message: str, hint: str = "") -> NoReturn:
        self._complaints.add(self._place(event), message, hint)
        raise _Stopped

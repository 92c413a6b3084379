"""A map of a spec, read key by key: what is there, what is missing, what is mistyped.

Which reader belongs to which key is a table (`tables`), so a new key is a new row. A key that no table has is a complaint:
passing over it would grade something else than what was written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.model import Place, Protocol, Role, spanish
from grader.model.spanish import key as canonical
from grader.spec.complaints import Complaints, joined, shown
from grader.spec.yaml_marks import Entries, Node
from grader.wire.phrases import Phrases

Reader = Callable[["Reading", Node, str], Any]
"""Reads the node that stands under a key; None means that a complaint was made."""


@dataclass(slots=True)
class Reading:
    """One reading of a spec: its complaints, and what other keys have said by now."""

    complaints: Complaints
    language: str = "en"
    languages: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    protocol: Protocol = field(default_factory=Protocol)
    programs: tuple[str, ...] = ()
    """The clients that are programs of the submission."""
    roles: tuple[Role, ...] = ()
    folders: tuple[Path, ...] = ()
    """Where the files of the spec stand: what plays name is looked for from there."""
    files: dict[str, str] = field(default_factory=dict)
    """The contents of the files that plays name, as text."""
    python: dict[str, str] = field(default_factory=dict)
    """The text of each file of Python in which a matcher or a framing is named, by the file as it is written."""
    discover: bool = False
    """Whether the dialect is found out, for each server."""

    places: dict[str, Place] = field(default_factory=dict)
    """Where things with names stand that are complained of only when all is read."""

    def role_of(self, who: str) -> Role | None:
        """The kind of a participant; None for the server and for ordinary clients."""
        return next((role for role in self.roles if who in role.played_by), None)

    def protocol_of(self, who: str) -> Protocol:
        """How a participant speaks."""
        role = self.role_of(who)
        return self.protocol if role is None else role.protocol

    @property
    def phrases(self) -> Phrases:
        """Reads what stands after a mark, with the protocol and the words that are known by now."""
        return Phrases(self.protocol, self.words)

    def complain(self, where: Node | Place, message: str, hint: str = "") -> None:
        """One complaint; returns None, as a reader that failed does."""
        self.complaints.add(where if isinstance(where, Place) else where.place, message, hint)


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one kind of map: how each is read, and which must be there."""

    of: str
    readers: Mapping[str, Reader]
    required: tuple[str, ...] = ()


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
    subject = keys.of[:1].upper() + keys.of[1:]
    if not isinstance(node, Entries):
        reading.complain(node, f"{subject} is a map of keys.", f"Its keys are {joined(keys.readers)}.")
        return Values(node.place)
    got: dict[str, Any] = {}
    places: dict[str, Place] = {}
    for key, value in node.entries:
        name = key.value if key.value in keys.readers else canonical(key.value)
        reading.complaints.spanish |= name != key.value
        if name in places:
            reading.complain(key, f"{shown(key.value)} is `{name}`, which stands here already.", "Remove one of them.")
            continue
        places[name] = value.place
        if name in keys.readers:
            read = keys.readers[name](reading, value, key.value)
            if read is not None:
                got[name] = read
        else:
            message, otherwise = f"{subject} has no key {shown(key.value)}.", f"It has {joined(keys.readers)}."
            more = spanish.of(keys.readers, spanish.KEYS)
            reading.complaints.unknown(key.place, message, key.value, keys.readers, otherwise, more)
    missing = [f"`{key}`" for key in keys.required if key not in places]
    if missing:
        reading.complain(node, f"{subject} needs {joined(missing)}.")
    return Values(node.place, got, places)

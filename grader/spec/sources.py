"""A spec that stands in several files: `extends:` builds on another spec, `include:` takes a part in.

    extends: ../chat.yaml              a spec; what stands here is said instead of what stands there
    include: [rooms.yaml, files.yaml]  parts of a spec; nothing that stands in one may stand elsewhere too

Files are joined before anything in them is read, node by node, so every value keeps the file, line and column where it
stands, and a complaint names the file that has to be corrected. Maps such as `server` or `dialect` are joined key by key,
lists of things with ids (`checks`, `groups`, …) by id, everything else is one value: the nearer one is taken.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from grader.errors import UsageError
from grader.model.spanish import key as canonical
from grader.spec.complaints import Complaints, shown
from grader.spec.yaml_marks import Entries, Items, Node, Scalar, read_yaml

LARGEST = 256 * 1024
"""Bytes of all files of a spec. What is larger was not written by hand."""
MOST_FILES = 20
DEEPEST = 5

EXTENDS, INCLUDE = "extends", "include"
JOINED = frozenset({
    "server", "reference", "dialect", "dialect.words", "words", "clients", "clients.any", "programs", "servers", "types", "messages", "quiet", "limits",
    "defaults", "proof",
})  # fmt: skip
"""The maps that are joined key by key."""
NAMES = frozenset({"words", "dialect.words", "types", "messages"})
"""Those whose keys an instructor has chosen."""
BY_ID = frozenset({"checks", "groups", "manual", "milestones"})
WAYS = frozenset({"play", "use", "python"})
"""Of these a check has one: where it gets another one, that of the file below is gone, with its settings."""


@dataclass(slots=True)
class Sources:
    """The files of one spec as they are read."""

    complaints: Complaints
    digest: str = ""
    folders: list[Path] = field(default_factory=list)
    broken: bool = False
    """Whether a file is missing: then nobody can say what the spec lacks."""
    _size: int = 0
    _count: int = 0
    _hash: hashlib._Hash = field(default_factory=hashlib.sha256)

    def read(self, path: Path) -> Node | None:
        """The whole spec as one node, or None if its main file can't be read at all. UsageError if it is not there."""
        node = self._file(path, _read(path), ())
        self.digest = self._hash.hexdigest()
        return node

    def _file(self, path: Path, data: bytes, above: tuple[Path, ...]) -> Node | None:
        self._count += 1
        self._size += len(data)
        self._hash.update(data)
        text = data.decode("utf-8-sig", "replace")
        self.complaints.also(str(path), text)
        if path.parent not in self.folders:
            self.folders.append(path.parent)
        own = Complaints(str(path), text)
        if self._size > LARGEST:
            own.add(own.place(1, 1), f"The spec is larger than {LARGEST // 1024} KB.")
        else:
            _check_encoding(data, own)
        node = None if own.found else read_yaml(text, own)
        self.complaints.take(own)
        return self._joined(node, path, (*above, _real(path))) if isinstance(node, Entries) else node

    def _joined(self, node: Entries, path: Path, above: tuple[Path, ...]) -> Entries:
        """A file's node with what it extends below it, and what it includes beside it."""
        by_key = {canonical(key.value): (key, value) for key, value in node.entries}
        own = Entries(tuple(x for x in node.entries if canonical(x[0].value) not in {EXTENDS, INCLUDE}), node.place)
        if INCLUDE in by_key:
            listed = by_key[INCLUDE][1]
            for one in listed.items if isinstance(listed, Items) else (listed,):
                part = self._named(one, path, above, INCLUDE)
                own = _join(own, part, "", self._twice) if part is not None else own
        if EXTENDS in by_key:
            base = self._named(by_key[EXTENDS][1], path, above, EXTENDS)
            own = _join(base, own, "", None) if base is not None else own
        return own

    def _named(self, node: Node, path: Path, above: tuple[Path, ...], key: str) -> Entries | None:
        """The file that stands under one of the two keys."""
        if not isinstance(node, Scalar) or not node.value.strip():
            self.complaints.add(node.place, f"`{key}` is the name of a file.", "Write one name, such as common.yaml.")
            return None
        name = node.value.strip()
        other = Path(os.path.normpath(path.parent / name))
        hint = "It is looked for from the folder of this file."
        if _real(other) in above:
            self.complaints.add(
                node.place, f"{shown(name)} would go round in a circle.", "A file can't contain itself."
            )
            return None
        if self._count >= MOST_FILES or len(above) >= DEEPEST:
            message = f"A spec has at most {MOST_FILES} files, {DEEPEST} deep."
            self.complaints.add(node.place, message, "Put some of them together.")
            return None
        try:
            data = _read(other)
        except UsageError as problem:
            missing = problem.code == "spec-missing"
            message = f"There is no file {shown(name)}." if missing else f"{shown(name)} can't be read."
            self.complaints.add(node.place, message, hint)
            self.broken = True
            return None
        found = self._file(other, data, above)
        if found is not None and not isinstance(found, Entries):
            self.complaints.add(node.place, f"{shown(name)} is no spec: it holds no keys.", "Look at its first line.")
        return found if isinstance(found, Entries) else None

    def _twice(self, key: Scalar, other: Scalar) -> None:
        where = f"{Path(other.place.path).name}, line {other.place.line}"
        message = f"{shown(key.value)} stands in {where}, too."
        self.complaints.add(
            key.place, message, "What is included must not stand elsewhere. To change it, use `extends`."
        )


Twice = Callable[[Scalar, Scalar], None]


def _join(below: Entries, above: Entries, at: str, twice: Twice | None) -> Entries:
    """Two maps as one. What stands in both is taken from `above`, or is complained about."""
    known = (lambda word: word) if at in NAMES else canonical
    joined = {known(key.value): (key, value) for key, value in below.entries}
    for key, value in above.entries:
        name = known(key.value)
        under = f"{at}.{name}" if at else name
        if name not in joined:
            joined[name] = (key, value)
            continue
        before = joined[name]
        if under in JOINED and isinstance(before[1], Entries) and isinstance(value, Entries):
            joined[name] = (key, _join(before[1], value, under, twice))
        elif under in BY_ID and isinstance(before[1], Items) and isinstance(value, Items):
            joined[name] = (key, _join_lists(before[1], value, twice))
        elif twice is not None:
            twice(key, before[0])
        else:
            joined[name] = (key, value)
    return Entries(tuple(joined.values()), above.place)


def _join_lists(below: Items, above: Items, twice: Twice | None) -> Items:
    joined: dict[str, Node] = {}
    for number, item in enumerate((*below.items, *above.items)):
        entry = _id_of(item)
        name = entry.value if entry else f"\0{number}"
        before = joined.get(name)
        if before is None or entry is None or number < len(below.items):
            joined[name if before is None else f"\0{number}"] = item
        elif twice is not None:
            first = _id_of(before)
            twice(entry, first or entry)
        elif isinstance(before, Entries) and isinstance(item, Entries):
            joined[name] = _changed(before, item)
    return Items(tuple(joined.values()), above.place)


def _changed(before: Entries, item: Entries) -> Entries:
    """A check of the file below, with the keys of the one above instead of its own."""
    new = {canonical(key.value) for key, _ in item.entries}
    gone = (WAYS | {"with"}) if new & WAYS else frozenset()
    kept = tuple(x for x in before.entries if canonical(x[0].value) not in gone)
    return _join(Entries(kept, before.place), item, "check", None)


def _id_of(item: Node) -> Scalar | None:
    entries = item.entries if isinstance(item, Entries) else ()
    return next((v for k, v in entries if canonical(k.value) == "id" and isinstance(v, Scalar)), None)


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise UsageError("spec-missing", path=str(path)) from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UsageError("spec-unreadable", path=str(path), why=why) from error


def _check_encoding(data: bytes, complaints: Complaints) -> None:
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        begin = data.rfind(b"\n", 0, error.start) + 1
        place = complaints.place(line, len(data[begin : error.start].decode("utf-8", "replace")) + 1)
        complaints.add(place, "The file is not UTF-8.", "Save it as UTF-8.")

"""Who acts: names of clients, lists of them, and ranges such as `c1..c200`."""

from __future__ import annotations

import re
from collections import Counter

from grader.model import SERVER
from grader.model.spanish import ACTORS
from grader.spec.complaints import Complaints, Spot, shown

ALL = "all"
RESERVED = (SERVER, ALL, "me", "together", "any")
MOST_CLIENTS = 1_000

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_RANGE = re.compile(r"(?P<stem>[A-Za-z_-]+)(?P<first>[0-9]{1,6})\.\.(?P<again>[A-Za-z_-]+)(?P<last>[0-9]{1,6})")


_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,60}")


def is_word(text: str) -> bool:
    """Whether a text can be the name of a message, a field or a type."""
    return _WORD.fullmatch(text) is not None


def read_names(text: str, spot: Spot, complaints: Complaints, allowed: tuple[str, ...] = ()) -> tuple[str, ...] | None:
    """The clients that a list names, ranges written out, or None after a complaint.

    Of the reserved names only those in `allowed` may stand, alone.
    """
    names: list[str] = []
    before = len(complaints)
    at = 0
    for piece in text.split(","):
        place = spot.at(at + len(piece) - len(piece.lstrip()))
        at += len(piece) + 1
        written = piece.strip()
        name = ACTORS.get(written, written)
        if found := _RANGE.fullmatch(name):
            first, last = int(found["first"]), int(found["last"])
            if found["stem"] != found["again"] or not 0 <= last - first < MOST_CLIENTS:
                hint = f"Write c1..c200: the same letters, numbers going up, at most {MOST_CLIENTS}."
                complaints.add(place, f"{shown(name)} is no range of clients.", hint)
            else:
                names += [f"{found['stem']}{number}" for number in range(first, last + 1)]
        elif not name:
            complaints.add(place, "The name of a client is missing here.", "Write `ana` or `ana, beto`.")
        elif not _NAME.fullmatch(name):
            hint = "A comma stands between two names." if " " in name else "Use letters, digits and _."
            complaints.add(place, f"{shown(name)} is no name for a client.", hint)
        elif name in RESERVED and (name not in allowed or "," in text):
            meaning, hint = _reserved(name, acts=name in allowed)
            complaints.add(place, f"{shown(written)} is a word of the language{meaning}.", hint)
        else:
            names.append(name)
    if len(set(names)) < len(names):
        twice, _ = Counter(names).most_common(1)[0]
        complaints.add(spot.place, f"{shown(twice)} stands here twice.")
    return tuple(names) if len(complaints) == before and not complaints.full else None


def _reserved(name: str, *, acts: bool) -> tuple[str, str]:
    if acts:
        return " and acts alone", "Write a line of its own for it."
    if name == "me":
        return ", not the name of a client", "Name the client itself: `me` stands only in `join:`."
    return ", not the name of a client", "Choose another name."

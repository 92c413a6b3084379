"""Which submission is whose: the names of folders held against the list of students that a gradebook handed out.

A grade given to the wrong student is worse than none, so nothing is guessed. A folder belongs to the one person of the
list with that number, login, address or full name (without regard to case, accents and the order of its parts), or whose
number stands in it in the way Canvas and Moodle name what they hand out. A folder that fits nobody, or two, refuses the
whole export in one sentence that names it; so does a person to whom two folders belong.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.errors import UsageError
from grader.model import Grade
from grader.report.exports.cells import read
from grader.words import printable

HEADERS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "userid", "user id"),
    "sis": ("sis user id",),
    "login": ("sis login id", "username", "nombre de usuario", "usuario"),
    "idnumber": ("id number", "idnumber", "número de id", "numero de id", "número id", "número de identificación"),
    "email": ("email address", "email", "dirección de correo", "dirección email", "correo electrónico", "correo"),
    "name": ("student", "full name", "nombre completo", "nombre completo del usuario"),
    "first": ("first name", "firstname", "nombre", "nombre(s)"),
    "last": ("last name", "surname", "lastname", "apellido", "apellidos", "apellido(s)"),
    "participant": ("identifier", "identificador"),
}
"""How the columns that say who somebody is are headed, in English and Spanish."""
_HANDED_OUT = (
    re.compile(r"_(?P<number>\d+)_assignsubmission_"),  # Moodle: Ana Pérez_1234_assignsubmission_file_
    re.compile(r"^[^\W\d_]+(?:_LATE)?_(?P<number>\d+)_\d+_"),  # Canvas: perezana_1234_5678_server
)


@dataclass(frozen=True, slots=True)
class Person:
    """One row of the list. `keys` is everything that a folder could be called so that it is this person's."""

    row: int
    name: str
    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of students as a gradebook wrote it."""

    header: list[str]
    rows: list[list[str]]
    columns: Mapping[str, int]
    """Where the columns of `HEADERS` stand, those that are there."""

    def cell(self, row: int, column: int | None) -> str:
        """A cell; empty where there is none."""
        cells = self.rows[row]
        return cells[column] if column is not None and column < len(cells) else ""


def listed(text: str, format_: str, otherwise: Mapping[str, int] | None = None) -> Listed:
    """The list in a CSV file. Raises UsageError where it is none, or says of nobody who they are.

    `otherwise` tells where a column stands if no header that we know says it.
    """
    rows = read(text)
    if not rows:
        raise UsageError("roster-no-list", format=format_)
    known = {header: column for column, headers in HEADERS.items() for header in headers}
    columns: dict[str, int] = {}
    for at, head in enumerate(rows[0]):
        column = known.get(head.strip().lower())
        if column and column not in columns:
            columns[column] = at
    columns = {**(otherwise or {}), **columns}
    if not columns:
        raise UsageError("roster-no-list", format=format_)
    return Listed([h.strip() for h in rows[0]], rows[1:], columns)


def people(listing: Listed) -> list[Person]:
    """Everybody on the list. A row without any id is nobody's, such as “Points Possible”."""
    found = []
    for number in range(len(listing.rows)):
        told = {column: listing.cell(number, at).strip() for column, at in listing.columns.items()}
        keys = {_plain(told.get(c, "")) for c in ("id", "sis", "login", "idnumber", "email")}
        if local := told.get("email", "").partition("@")[0]:
            keys.add(_plain(local))
        if local := told.get("login", "").partition("@")[0]:
            keys.add(_plain(local))
        if participant := re.search(r"\d+$", told.get("participant", "")):
            keys |= {f"#{participant[0]}", _plain(told["participant"])}
        if told.get("id", "").isdigit():
            keys.add(f"#{told['id']}")
        name = told.get("name") or " ".join(x for x in (told.get("first"), told.get("last")) if x)
        if keys - {""}:
            found.append(Person(number, name, frozenset(keys | {_words(name)}) - {""}))
    return found


def owners(grades: Sequence[Grade], listing: Listed) -> dict[int, Grade]:
    """The grade of each row of the list that has one. Raises UsageError where it is not certain whose a grade is."""
    everybody = people(listing)
    found: dict[int, Grade] = {}
    unknown: list[str] = []
    for grade in grades:
        name = grade.submission.name
        for keys in [_of_owner(owner) for owner in grade.submission.owners] or [_keys(name)]:
            fitting = [p for p in everybody if p.keys & keys]
            if len(fitting) > 1:
                who = ", ".join(printable(p.name or next(iter(sorted(p.keys)))) for p in fitting)
                raise UsageError("roster-ambiguous", name=name, who=who)
            if not fitting:
                unknown.append(name)
            elif fitting[0].row in found:
                other = found[fitting[0].row].submission.name
                raise UsageError("roster-twice", name=name, other=other, who=fitting[0].name)
            else:
                found[fitting[0].row] = grade
    if unknown:
        raise UsageError("roster-unknown", names=", ".join(map(printable, unknown)), count=len(unknown))
    return found


def _keys(folder: str) -> set[str]:
    numbers = {f"#{found['number']}" for pattern in _HANDED_OUT if (found := pattern.search(folder))}
    return numbers or {_plain(folder), _words(folder)} - {""}


def _of_owner(owner: str) -> set[str]:
    """What a platform calls somebody who handed in: a number of its own, else an address or a login."""
    return {f"#{owner}"} if owner.isdigit() else {_plain(owner)}


def _plain(text: str) -> str:
    """An id, a login or an address, without regard to case."""
    return unicodedata.normalize("NFC", text).casefold().strip()


def _words(name: str) -> str:
    """The parts of a name in alphabetical order: “Pérez, Ana” is ana-perez. One part alone names nobody."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    parts = re.findall(r"[^\W_]+", "".join(c for c in letters if not unicodedata.combining(c)))
    return " ".join(sorted(parts)) if len(parts) > 1 else ""

"""Servers of known worth, with which a spec is proved: what stands under `proof:`, and what each server says of itself.

    proof:
      good: ../reference/variants
      bad: [../reference/mutants, {server: ../submissions/alice, loses: [no-echo]}]

A server is a single file, or a folder such as a submission. A folder in which nothing can be started holds servers, a
file each. A file says in comments on its first lines what it is:

    # Bug: The author of a message gets it back.        # Good: One thread a client, one lock for all.
    # Loses: no-echo
    # Race: yes

The list is read with the spec, the servers only when they are needed (`known_servers`): whoever grades, or tries a server
at home, need not have them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from grader.errors import Complaint, SpecError
from grader.model import Command, Listed, Place, Spec
from grader.spec import tables
from grader.spec.complaints import Complaints, shown
from grader.spec.keys import Reading, Values, read_map
from grader.spec.values import text
from grader.spec.yaml_marks import Entries, Items, Node

COMMENTS = {".py": "#", ".c": "//", ".java": "//", ".js": "//"}
"""The languages of which a single file is a server, and how their comments begin."""

_SAYS = re.compile(r"\s*(Bug|Loses|Race|Good):\s*(.*?)\s*")
_ID = re.compile(r"[^,\s]+")
_FLAGS = {"yes": True, "no": False}


REFERENCE = "reference"
Ids = Mapping[str, tuple[str, ...]]
"""The ids of the checks as they are written, each with those that `each` made of it."""


@dataclass(frozen=True, slots=True)
class KnownServer:
    """One server: `says` is its bug or its style, `loses` the ids of the checks that must fail, and no others."""

    name: str
    path: Path
    good: bool
    says: str = ""
    is_reference: bool = False
    loses: tuple[str, ...] = ()
    race: bool = False
    """Whether its bug shows only when two things happen to meet."""


def read_proof(reading: Reading, section: Values, ids: Ids) -> tuple[Listed, ...]:
    """What stands under `proof:`, good servers first."""
    found: list[Listed] = []
    for key in ("good", "bad"):
        node: Node | None = section.get(key)
        if node is not None:
            nodes = node.items if isinstance(node, Items) else (node,)
            found += [one for item in nodes if (one := _listed(reading, item, key, ids))]
    return tuple(found)


def _listed(reading: Reading, node: Node, key: str, ids: Ids) -> Listed | None:
    if not (isinstance(node, Entries) and key == "bad"):
        path = text(reading, node, key)
        return Listed(_from_main(reading, path, node.place), key == "good", node.place) if path else None
    entry = read_map(reading, node, tables.BAD)
    known = known_ids(ids)
    for check, place in entry.get("loses", ()):
        if check not in known:
            reading.complaints.unknown(place, f"No check is called {shown(check)}.", check, known)
    loses = tuple(dict.fromkeys(one for check, _ in entry.get("loses", ()) for one in known.get(check, ())))
    if "server" not in entry.got:
        return None
    place = entry.place_of("server")
    return Listed(_from_main(reading, entry.get("server"), place), False, place, loses)


def _from_main(reading: Reading, path: str, place: Place) -> str:
    """A path as it is seen from the folder of the spec; it is written as seen from the file in which it stands."""
    own, main = Path(place.path).parent, next(iter(reading.folders), Path(place.path).parent)
    return path if own == main else os.path.relpath(own / path, main)


def known_ids(ids: Ids) -> Ids:
    """What may be named as lost: a check, or one of those that `each` made of it."""
    return {**{one: (one,) for several in ids.values() for one in several}, **ids}


def listed_paths(spec: Spec) -> frozenset[str]:
    """The real paths of all that is listed. They often lie beside the reference, and are no part of it."""
    return frozenset(str((Path(spec.path).parent / listed.path).resolve()) for listed in spec.proof)


def known_servers(spec: Spec) -> tuple[KnownServer, ...]:
    """The reference and every server that the spec lists, each with a name of its own. Raises SpecError."""
    search = _Search(spec)
    found = [server for listed in spec.proof for server in search.servers(listed)]
    if search.found:
        raise SpecError(search.found)
    reference = KnownServer(REFERENCE, Path(spec.reference_folder), good=True, is_reference=True)
    return _named_apart([reference, *found])


class _Search:
    """Looks for the servers of a spec. What is wrong is said at its place: in the spec, or in the server's first lines."""

    def __init__(self, spec: Spec) -> None:
        self.found: list[Complaint] = []
        self._spec = spec
        written: dict[str, tuple[str, ...]] = {}
        for check in spec.checks:
            written[check.of or check.id] = (*written.get(check.of or check.id, ()), check.id)
        self._ids = known_ids(written)
        self._in_spec = Complaints(spec.path, _text_of(Path(spec.path)))
        for other in {x.place.path for x in spec.proof} - {spec.path}:
            self._in_spec.also(other, _text_of(Path(other)))
        self._seen: set[Path] = set()

    def servers(self, listed: Listed) -> Iterator[KnownServer]:
        path = (Path(self._spec.path).parent / listed.path).resolve()
        if not path.exists():
            hint = "It is looked for from the folder of the spec."
            self._complain(listed, f"There is no file or folder {shown(listed.path)}.", hint)
        elif path.is_dir() and not _can_be_started(path, self._spec.server):
            yield from self._in_folder(listed, path)
        else:
            yield from self._one(listed, path)

    def _in_folder(self, listed: Listed, folder: Path) -> Iterator[KnownServer]:
        files = sorted(path for path in folder.iterdir() if path.suffix in COMMENTS and path.is_file())
        if listed.loses is not None:
            self._complain(listed, "`loses` is said of one server, and this is a folder of servers.", "Name one file.")
        elif not files:
            hint = f"A server is a file that ends in {', '.join(COMMENTS)}, or a folder such as a submission."
            self._complain(listed, f"There is no server in {shown(listed.path)}.", hint)
        for path in files if listed.loses is None else ():
            yield from self._one(listed, path)

    def _one(self, listed: Listed, path: Path) -> Iterator[KnownServer]:
        server = KnownServer(path.stem if path.is_file() else path.name, path, listed.good)
        if path in self._seen:
            self._complain(listed, f"{shown(path.name)} is listed twice.", "Name it once.")
        elif path.is_file() and path.suffix not in COMMENTS:
            hint = f"A single file ends in {', '.join(COMMENTS)}; anything else needs a folder with a submission.yaml."
            self._complain(listed, f"Nobody knows how {shown(path.name)} is started.", hint)
        elif path.is_dir() and not listed.good and listed.loses is None:
            hint = f"Write {{server: {listed.path}, loses: [{next(iter(self._ids), '')}]}}."
            self._complain(listed, "Which checks does this server lose?", hint)
        else:
            yield self._with_what_it_says(server, listed)
        self._seen.add(path)

    def _with_what_it_says(self, server: KnownServer, listed: Listed) -> KnownServer:
        if server.path.is_dir():
            return replace(server, loses=listed.loses or ())
        complaints = Complaints(str(server.path), _text_of(server.path))
        server = _read_head(server, listed, complaints, self._ids)
        self.found += complaints.found
        return server

    def _complain(self, listed: Listed, message: str, hint: str) -> None:
        self._in_spec.add(listed.place, message, hint)
        self.found += [complaint for complaint in self._in_spec.found if complaint not in self.found]


def _read_head(server: KnownServer, listed: Listed, complaints: Complaints, ids: Ids) -> KnownServer:
    """What the first lines say: `Bug:`, `Loses:` and `Race:` of a bad server, `Good:` of a good one."""
    mark = COMMENTS[server.path.suffix]
    said: dict[str, tuple[str, int, int]] = {}
    for number, line in enumerate(complaints.lines, 1):
        found = _SAYS.fullmatch(line.removeprefix(mark)) if line.startswith(mark) else None
        if found is None:
            break
        said[found[1]] = (found[2], number, len(mark) + found.start(2) + 1)
    allowed, first = (("Good",), "Good") if server.good else (("Bug", "Loses", "Race"), "Bug")
    for key, (_, number, _) in said.items():
        if key not in allowed:
            kind = "good" if server.good else "bad"
            complaints.add(complaints.place(number, 1), f"`{key}:` does not belong to a {kind} server.")
    if not server.good and "Bug" not in said and listed.loses is None:
        place = complaints.place(1, 1)
        complaints.add(place, "The first line of a bad server names its bug.", f"Write `{mark} Bug: …`.")
    if "Race" in said and said["Race"][0] not in _FLAGS:
        complaints.add(complaints.place(*said["Race"][1:]), "`Race:` is yes or no.")
    return replace(
        server,
        says=said.get(first, ("",))[0],
        loses=() if server.good else _losses(said.get("Loses"), listed, complaints, ids, mark),
        race=_FLAGS.get(said.get("Race", ("no",))[0], False),
    )


def _losses(
    said: tuple[str, int, int] | None, listed: Listed, complaints: Complaints, ids: Ids, mark: str
) -> tuple[str, ...]:
    if listed.loses is not None:
        return listed.loses
    words = list(_ID.finditer(said[0])) if said else []
    if not words:
        message = "A bad server names the checks that it loses."
        complaints.add(
            complaints.place(said[1] if said else min(2, len(complaints.lines)), 1),
            message,
            f"Write `{mark} Loses: {next(iter(ids), '')}`.",
        )
    for word in words:
        if said and word[0] not in ids:
            place = complaints.place(said[1], said[2] + word.start())
            complaints.unknown(place, f"No check is called {shown(word[0])}.", word[0], ids)
    return tuple(dict.fromkeys(one for word in words for one in ids.get(word[0], ())))


def _can_be_started(folder: Path, command: Command) -> bool:
    """Whether a folder is one server: it says how it is started, or has the file that the spec's command names."""
    words = f"{command.run} {command.build or ''}".split()
    named = ["submission.yaml", *(word for word in words if Path(word).suffix in COMMENTS)]
    return any((folder / name).is_file() for name in named)


def _named_apart(servers: Iterable[KnownServer]) -> tuple[KnownServer, ...]:
    """Where two servers have one name, each gets its suffix, and, if that is not enough, its folder."""
    named = list(servers)
    for longer in (lambda path: path.name, lambda path: f"{path.parent.name}/{path.name}", str):
        names = [server.name for server in named]
        named = [replace(s, name=longer(s.path)) if names.count(s.name) > 1 else s for s in named]
    return tuple(named)


def _text_of(path: Path) -> str:
    try:
        return path.read_bytes()[:65536].decode("utf-8", "replace")
    except OSError:
        return ""

"""What a learning platform hands out, sorted by whose it is: the ways in which Canvas, Moodle, GitHub and Gradescope pack.

    Canvas       perezana_1234_5678_server.py           one flat folder; `_LATE_` for late ones, `-1` for a second try
    Moodle       Ana Pérez_1234_assignsubmission_file_/server.py, or without folders
    GitHub       chat-submissions/chat-anaperez/server.py
    Gradescope   assignment_12_export/submission_345/server.py, with a submission_metadata.yml that says whose it is
    anything     a folder for each

Names are read, never guessed: what fits none of these forms is a folder of its own. What a student packed is unpacked once,
and a single folder in which everything lies is taken off, because `server.py` is looked for where the submission begins.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml

from grader.course.archives import LOCKED, Bounds, Unpacked, is_archive, unpack
from grader.course.entry import OWN
from grader.course.members import HIDDEN, HandedIn, members, only_results, placed
from grader.errors import UsageError
from grader.model import Notice, Spec
from grader.stage.staging import digest_of

CANVAS = re.compile(r"^(?P<who>[^_]+?)(?:_LATE)?_(?P<id>\d+)_\d+_(?P<rest>.+)$", re.DOTALL)
MOODLE = re.compile(r"^(?P<who>.+)_(?P<id>\d+)_assignsubmission_(?P<kind>file|onlinetext)_(?P<rest>.*)$", re.DOTALL)
TRY = re.compile(r"-\d+(?=\.(?:py|java|c|cpp|js|go|rs|zip|tar|gz|tgz)$)")
METADATA, LARGEST = "submission_metadata.yml", 8 << 20
OF_ONE = Bounds(size=192 << 20, files=20_000)
"""What the archive of one student may hold."""


@dataclass(frozen=True, slots=True)
class Import:
    """What was taken: from which platform, whose, and what was left out."""

    platform: str
    members: tuple[HandedIn, ...]
    refused: tuple[Notice, ...] = ()


@dataclass
class _Pile:
    """The files of one student before they lie in a folder of their own."""

    name: str
    owners: tuple[str, ...] = ()
    files: dict[str, Path] = field(default_factory=dict)


def taken(archive: Path, to: Path) -> Import:
    """Unpack a download into `to`, a folder for each student. What lay there before is replaced."""
    answers = _answers(to)
    raw = to.with_name(f".{to.name}.raw")
    for folder in (raw, to):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    try:
        unpacked = unpack(archive, raw, Bounds())
        top = _without_wrapping(raw)
        platform, piles = _piles(top, archive.stem, unpacked)
        found = [_laid(pile, to, unpacked) for pile in piles if pile.files]
        unpacked.refused += [Notice("archive-nothing", {"name": pile.name}) for pile in piles if not pile.files]
    finally:
        shutil.rmtree(raw, ignore_errors=True)
    if not found:
        raise UsageError("empty-archive", path=str(archive))
    for one in found:
        _answered(one.folder, answers)
    return Import(platform, tuple(placed(found)), tuple(unpacked.refused))


def gathered(paths: Sequence[Path], spec: Spec, to: Path) -> Import:
    """Everybody in these folders and archives, which are unpacked below `to`. Raises UsageError."""
    found: list[HandedIn] = []
    refused: list[Notice] = []
    for number, path in enumerate(paths):
        if path.is_file() and is_archive(path):
            one = taken(path, to / f"{number + 1}" if len(paths) > 1 else to)
            found += one.members
            refused += one.refused
        else:
            found += members([path], spec)
            refused += [Notice("results-left-out", {"name": str(ours)}) for ours in _results_in(path, found, spec)]
    return Import("", tuple(placed(found)), tuple(refused))


def _answers(to: Path) -> dict[str, tuple[bytes, str]]:
    """What somebody wrote down about which file is the server, by the folder, with the digest of all that lies beside it."""
    told = {}
    for own in to.glob(f"*/{OWN}") if to.is_dir() else ():
        with contextlib.suppress(OSError, UsageError):
            told[own.parent.name] = own.read_bytes(), digest_of(own.parent, frozenset({os.path.realpath(own)}))
    return told


def _answered(folder: Path, answers: Mapping[str, tuple[bytes, str]]) -> None:
    """Put an answer back where the same files were handed in again, without one of their own."""
    text, digest = answers.get(folder.name, (b"", ""))
    if digest and not (folder / OWN).exists() and digest_of(folder) == digest:
        (folder / OWN).write_bytes(text)


def _results_in(path: Path, found: Sequence[HandedIn], spec: Spec) -> list[Path]:
    """Folders among submissions that are no submissions, because we wrote them."""
    taken = {one.folder for one in found}
    inner = sorted(p for p in path.iterdir() if p.is_dir() and not p.is_symlink())
    return [p for p in inner if path not in taken and p not in taken and only_results(p, spec)]


def _piles(top: Path, stem: str, unpacked: Unpacked) -> tuple[str, list[_Pile]]:
    """The platform, and a pile of files for each student."""
    entries = sorted(p for p in top.iterdir() if p.name not in HIDDEN)
    folders = [p for p in entries if p.is_dir()]
    if (top / METADATA).is_file():
        return "gradescope", _of_gradescope(top, folders)
    for platform, form in (("moodle", MOODLE), ("canvas", CANVAS)):
        if sum(form.match(p.name) is not None for p in entries) * 2 > len(entries):
            return platform, _by_name(entries, form, unpacked)
    if folders and top.name.endswith("-submissions"):
        task = top.name.removesuffix("submissions")
        if all(p.name.startswith(task) for p in folders):
            return "github", [_Pile(p.name.removeprefix(task), (), _files(p)) for p in folders]
    if folders:
        return "folders", [_Pile(p.name, (), _files(p)) for p in folders]
    return "one", [_Pile(stem, (), _files(top))]


def _by_name(entries: Sequence[Path], form: re.Pattern[str], unpacked: Unpacked) -> list[_Pile]:
    piles: dict[str, _Pile] = {}
    for path in entries:
        found = form.match(path.name)
        if found is None:
            unpacked.refused.append(Notice("archive-nobodys", {"name": path.name}))
            continue
        pile = piles.setdefault(found["id"], _Pile(found["who"], (found["id"],)))
        if found.groupdict().get("kind") == "onlinetext":
            continue  # what was typed into the platform is no file of theirs
        pile.files |= _files(path) if path.is_dir() else {found["rest"]: path}
    for pile in piles.values():
        _first_names(pile)
    return list(piles.values())


def _first_names(pile: _Pile) -> None:
    """Canvas calls a second try `server-1.py`: the number goes where no file has the name already."""
    for name in list(pile.files):
        plain = TRY.sub("", name)
        if plain not in pile.files:
            pile.files[plain] = pile.files.pop(name)


def _of_gradescope(top: Path, folders: Sequence[Path]) -> list[_Pile]:
    told = _metadata(top / METADATA)
    piles = []
    for folder in folders:
        who = told.get(folder.name, ())
        names = [name for name, _ in who if name]
        owners = tuple(key for _, key in who if key)
        piles.append(_Pile(" & ".join(names) or folder.name, owners, _files(folder)))
    return piles


def _metadata(path: Path) -> Mapping[str, Sequence[tuple[str, str]]]:
    """Name and address of those who handed in each folder; nothing of what can't be read."""
    try:
        plain = yaml.safe_load(path.read_bytes()[:LARGEST].decode("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError, ValueError):
        return {}
    found: dict[str, Sequence[tuple[str, str]]] = {}
    for folder, about in plain.items() if isinstance(plain, dict) else ():
        submitters = about.get(":submitters") if isinstance(about, dict) else None
        if isinstance(submitters, list):
            people = [p for p in submitters if isinstance(p, dict)]
            found[str(folder)] = [
                (str(p.get(":name") or ""), str(p.get(":email") or p.get(":sid") or "")) for p in people
            ]
    return found


def _laid(pile: _Pile, to: Path, unpacked: Unpacked) -> HandedIn:
    """A student's files in a folder of their own, what they packed themselves unpacked."""
    (one,) = placed([HandedIn("", pile.name, to / pile.name, pile.owners)])
    folder = _free(to / one.place)
    folder.mkdir()
    bounds = replace(OF_ONE)
    for name, path in pile.files.items():
        if name.lower().endswith(LOCKED):
            unpacked.refused.append(Notice("archive-unknown", {"archive": pile.name, "name": name}))
        if is_archive(path):
            _unpack_inner(path, folder, bounds, unpacked, pile.name)
            continue
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(path, target)
    _take_off(folder)
    return HandedIn("", pile.name, folder, pile.owners)


def _unpack_inner(path: Path, folder: Path, bounds: Bounds, unpacked: Unpacked, whose: str) -> None:
    try:
        inner = unpack(path, folder, bounds)
    except UsageError as problem:
        unpacked.refused.append(
            Notice("archive-bad", {"archive": whose, "name": path.name, "why": problem.facts["why"]})
        )
    else:
        unpacked.refused += [replace(n, facts={**n.facts, "archive": whose}) for n in inner.refused]


def _without_wrapping(folder: Path) -> Path:
    """The folder in which things begin: one that holds nothing but one folder is a wrapping."""
    inner = [p for p in folder.iterdir() if p.name not in HIDDEN]
    if len(inner) == 1 and inner[0].is_dir() and any(p.is_dir() or p.name == METADATA for p in inner[0].iterdir()):
        return inner[0]
    return folder


def _take_off(folder: Path) -> None:
    """Lift what lies in a single inner folder."""
    inner = [p for p in folder.iterdir() if p.name not in HIDDEN]
    if len(inner) == 1 and inner[0].is_dir():
        lifted = _free(folder.with_name(f".{folder.name}.lifted"))
        inner[0].rename(lifted)
        shutil.rmtree(folder)
        lifted.rename(folder)


def _free(path: Path) -> Path:
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.name}-{number}")
    return free


def _files(folder: Path) -> dict[str, Path]:
    """All files below a folder, by their name within."""
    return {str(p.relative_to(folder)): p for p in sorted(folder.rglob("*")) if p.is_file() and not p.is_symlink()}

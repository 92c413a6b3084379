"""Who is in a class: the folders that were handed in, each with a place of its own among the reports.

The folder's name is the student's, and a student's name is hostile like everything else: a place is that name as far as it
can be a folder's, and never the same twice, not even where capitals don't count.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from grader.course.entry import is_submission, looks_like_a_class
from grader.errors import UsageError
from grader.model import Spec
from grader.stage.staging import is_ours

HIDDEN = {"__pycache__", "__MACOSX", "node_modules"}
RESERVED = {"handed-in", "class"}
"""Places that are taken: what an archive was unpacked to."""
LONGEST = 80


@dataclass(frozen=True, slots=True)
class HandedIn:
    """One submission as it was found: where, whose it is, and under which place its results are kept."""

    place: str
    name: str
    folder: Path
    owners: tuple[str, ...] = ()


def is_class(paths: Sequence[Path], spec: Spec) -> bool:
    """Whether what stands on the command line is more than one submission."""
    return len(paths) > 1 or paths[0].is_file() or looks_like_a_class(paths[0], spec.server)


def members(paths: Sequence[Path], spec: Spec) -> list[HandedIn]:
    """The submissions in these folders: the folders themselves where they hold a server, else those in them."""
    found: list[HandedIn] = []
    for path in paths:
        if not path.is_dir():
            raise UsageError("not-a-folder" if path.exists() else "usage-missing-folder", path=str(path))
        if not looks_like_a_class(path, spec.server):
            found.append(HandedIn("", path.resolve().name, path))
            continue
        inner = sorted(p for p in path.iterdir() if p.is_dir() and not p.is_symlink() and not p.name.startswith("."))
        found += [HandedIn("", p.name, p) for p in inner if p.name not in HIDDEN and not only_results(p, spec)]
    if not found:
        raise UsageError("empty-class", path=str(paths[0]))
    return placed(found)


def only_results(folder: Path, spec: Spec) -> bool:
    """Whether a folder was written by us. One that has a server was handed in, whatever mark it carries."""
    return is_ours(folder) and not is_submission(folder, spec.server)


def placed(found: Iterable[HandedIn]) -> list[HandedIn]:
    """Each with a place that no other has. Of two of one name, the second is called after the folder that it lies in."""
    taken = set(RESERVED)
    result = []
    for one in found:
        numbered = (f"{as_place(one.name)}-{number}" for number in itertools.count(2))
        wishes = chain(map(as_place, (one.name, f"{one.folder.parent.name}-{one.name}")), numbered)
        place = next(wish for wish in wishes if wish.casefold() not in taken)
        taken.add(place.casefold())
        result.append(HandedIn(place, one.name, one.folder, one.owners))
    return result


def as_place(name: str) -> str:
    """A name as that of a folder: no separators, nothing invisible, not too long, not hidden."""
    name = name.encode("utf-8", "replace").decode()
    cut = re.sub(r"[^\w .@+-]+", "-", name).strip(" .-")
    while len(cut.encode()) > LONGEST:
        cut = cut[:-1]
    return cut.strip(" .-") or "submission"

"""An archive unpacked, whoever made it: bounded in size and number, and never outside the folder that it is unpacked to.

An archive is hostile until shown otherwise. What its directory claims counts for nothing: bytes are counted as they come,
so a bomb ends when its share is used up. Files only are made, with names that can't lead elsewhere; links, devices and
names that mean something to a shell's or a system's path are left out, and said.
"""

from __future__ import annotations

import os
import stat
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

from grader.errors import UsageError
from grader.model import Notice

CHUNK = 1 << 16
ZIPS, TARS = (".zip",), (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
LOCKED = (".rar", ".7z")
"""Archives that nothing here can open."""
JUNK = {"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini"}
LONGEST_NAME, MOST_DEPTH = 200, 40


@dataclass
class Bounds:
    """What is left of a share: bytes, and files. One is shared by all archives inside an archive."""

    size: int = 4 << 30
    files: int = 400_000


@dataclass
class Unpacked:
    """What came of it: names of files inside, as they were written, and what was left out."""

    names: list[str] = field(default_factory=list)
    refused: list[Notice] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    kind: str
    """`file`, `folder`, `link`, `odd` or `locked`."""
    runs: bool
    open: Callable[[], IO[bytes] | None]


class _Full(Exception):
    """The share is used up."""


def is_archive(path: Path) -> bool:
    """Whether a file's name says that it can be unpacked."""
    return path.name.lower().endswith((*ZIPS, *TARS))


def unpack(archive: Path, to: Path, bounds: Bounds) -> Unpacked:
    """Unpack into the folder `to`, which must exist. Raises UsageError where the file is no archive that can be read."""
    done = Unpacked()
    try:
        with _opened(archive) as entries:
            for entry in entries:
                _put(entry, archive, to, bounds, done)
    except _Full:
        done.refused.append(Notice("archive-too-large", {"archive": archive.name}))
    except (
        zipfile.BadZipFile,
        tarfile.TarError,
        zlib.error,
        EOFError,
        OSError,
        ValueError,
        NotImplementedError,
    ) as problem:
        raise UsageError(
            "bad-archive", path=str(archive), why=str(problem)[:200] or type(problem).__name__
        ) from problem
    return done


class _opened:  # noqa: N801 - used like a function
    """The entries of an archive, while it is open."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Iterator[_Entry]:
        if self._path.name.lower().endswith(ZIPS):
            self._zip = zipfile.ZipFile(self._path)
            return map(self._of_zip, self._zip.infolist())
        self._tar = tarfile.open(self._path)
        return map(self._of_tar, self._tar)

    def __exit__(self, *_: object) -> None:
        (self._zip if hasattr(self, "_zip") else self._tar).close()

    def _of_zip(self, info: zipfile.ZipInfo) -> _Entry:
        mode = info.external_attr >> 16
        link = stat.S_ISLNK(mode)
        odd = stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK)
        kind = (
            "folder"
            if info.is_dir()
            else "link"
            if link
            else "odd"
            if odd
            else "locked"
            if info.flag_bits & 1
            else "file"
        )
        return _Entry(info.filename, kind, bool(mode & 0o111), lambda: self._zip.open(info))

    def _of_tar(self, info: tarfile.TarInfo) -> _Entry:
        link = info.issym() or info.islnk()
        kind = "folder" if info.isdir() else "link" if link else "file" if info.isreg() else "odd"
        return _Entry(info.name, kind, bool(info.mode & 0o111), lambda: self._tar.extractfile(info))


def _put(entry: _Entry, archive: Path, to: Path, bounds: Bounds, done: Unpacked) -> None:
    parts = PurePosixPath(entry.name).parts
    if entry.kind == "folder" or JUNK & set(parts):
        return
    if not _harmless(entry.name):
        _refuse(done, "archive-strange-name", archive, entry.name)
    elif entry.kind != "file":
        _refuse(done, f"archive-{entry.kind}", archive, entry.name)
    else:
        bounds.files -= 1
        if bounds.files < 0:
            raise _Full
        _write(entry, archive, to.joinpath(*parts), bounds, done)


def _write(entry: _Entry, archive: Path, place: Path, bounds: Bounds, done: Unpacked) -> None:
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o755 if entry.runs else 0o644)
    except OSError:  # the name stands there twice, or a file stands where a folder has to
        _refuse(done, "archive-strange-name", archive, entry.name)
        return
    with os.fdopen(handle, "wb") as target, entry.open() or open(os.devnull, "rb") as source:
        while data := source.read(CHUNK):
            bounds.size -= len(data)
            if bounds.size < 0:
                raise _Full
            target.write(data)
    done.names.append(entry.name)


def _harmless(name: str) -> bool:
    """Whether a name leads to a file below the folder, on any system, and can be shown."""
    parts = PurePosixPath(name).parts
    return bool(
        parts
        and not name.startswith("/")
        and ".." not in parts
        and "\\" not in name
        and ":" not in name
        and len(parts) <= MOST_DEPTH
        and all(len(part.encode("utf-8", "replace")) <= LONGEST_NAME for part in parts)
        and not any(unicodedata.category(c) in ("Cc", "Cs", "Cf") for c in name)
    )


def _refuse(done: Unpacked, code: str, archive: Path, name: str) -> None:
    done.refused.append(Notice(code, {"archive": archive.name, "name": name[:LONGEST_NAME]}))

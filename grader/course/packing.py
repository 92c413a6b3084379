"""A folder as bytes, for a machine that does not have it: what staging it there will find is what staging it here would.

A student's folder is packed as it stands, with the links that lead out and the pipes that staging will leave out and tell
of; nothing is followed. What staging never takes is not sent, and neither is much more than it would take. Unpacking trusts
the bytes no more than the folder: nothing is written outside, and nothing gets an owner or a mode of its own.
"""

from __future__ import annotations

import gzip
import io
import os
import stat
import tarfile
from collections.abc import Iterator
from pathlib import Path

from grader.errors import UsageError
from grader.stage.staging import MOST_BYTES, NOT_COPIED

MOST = 2 * MOST_BYTES
"""Bytes of files that travel of one folder."""
FAST = 1


def packed(folder: Path, without: frozenset[str] = frozenset()) -> bytes:
    """A folder, but not the real paths in `without`, as bytes. Raises UsageError if it can't be read."""
    written = io.BytesIO()
    try:
        with (
            gzip.GzipFile(fileobj=written, mode="wb", compresslevel=FAST, mtime=0) as narrow,
            tarfile.open(fileobj=narrow, mode="w", format=tarfile.PAX_FORMAT) as tar,
        ):
            left = MOST
            for inside, path in _found(folder, "", without):
                left -= _added(tar, inside, path, left)
    except OSError as problem:
        raise UsageError("unreadable-file", path=problem.filename, why=problem.strerror) from problem
    return written.getvalue()


def unpack(data: bytes, folder: Path) -> None:
    """What was packed, in a folder that is there and empty."""
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as tar:
        for member in tar:
            target = folder / member.name
            if ".." in Path(member.name).parts or not target.parent.resolve().is_relative_to(folder.resolve()):
                continue
            if member.isdir():
                target.mkdir()
            elif member.issym():
                os.symlink(member.linkname, target)
            elif member.isfifo():
                os.mkfifo(target)
            elif member.isreg() and (read := tar.extractfile(member)):
                target.write_bytes(read.read())
                target.chmod(0o755 if member.mode & 0o100 else 0o644)


def _found(folder: Path, inside: str, without: frozenset[str]) -> Iterator[tuple[str, Path]]:
    for entry in sorted(os.scandir(folder), key=lambda e: e.name):
        if entry.name in NOT_COPIED or (without and os.path.realpath(entry.path) in without):
            continue
        name = f"{inside}/{entry.name}".lstrip("/")
        yield name, Path(entry.path)
        if entry.is_dir(follow_symlinks=False):
            yield from _found(Path(entry.path), name, without)


def _added(tar: tarfile.TarFile, inside: str, path: Path, left: int) -> int:
    """Add what stands at a path; returns how many bytes of files that were. What is neither file nor folder becomes a pipe."""
    info, status = tarfile.TarInfo(inside), path.lstat()
    info.mode = status.st_mode & 0o777
    if stat.S_ISLNK(status.st_mode):
        info.type, info.linkname = tarfile.SYMTYPE, os.readlink(path)
    elif stat.S_ISDIR(status.st_mode):
        info.type = tarfile.DIRTYPE
    elif stat.S_ISREG(status.st_mode):
        if status.st_size > left:
            return 0
        data = path.read_bytes()
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))
        return len(data)
    else:
        info.type = tarfile.FIFOTYPE
    tar.addfile(info)
    return 0

"""A submission's folder, copied to where a sandbox may see it: opaque in name, plain in content, removed at the end.

A student's folder is hostile: it may hold links that lead out, devices, sockets, names with newlines, gigabytes. Copied
are regular files, folders, and links that stay inside; the rest is left out and reported. The digest is taken over what
was copied, so that two equal submissions have equal digests on any machine.

The copies go whatever becomes of the grader: a small process waits beside it, and removes them when the grader is killed.
"""

from __future__ import annotations

import functools
import hashlib
import os
import random
import socket
import stat
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from grader.errors import UsageError
from grader.model import Finding
from grader.stage.place import NOBODY, Staging, open_to_all, remove_tree

MOST_FILES, MOST_BYTES, MOST_DEPTH, MOST_NAMES = 20_000, 192 << 20, 300, 20
USERS_FROM, USERS_TO = 60_706, 61_184
"""Numbers that no system gives to anybody: below them are people, above them services."""
JANITOR = """cd /
while IFS= read -r folder; do set -- "$@" "$folder"; done
for round in 1 2 3 4 5; do
    for folder do
        [ -e "$folder" ] || continue
        case $folder in
            /sys/*) rmdir "$folder" ;;
            *) chmod -R u+rwX "$folder"; rm -rf "$folder" ;;
        esac
        [ ! -e "$folder" ] || sleep 0.2
    done
done"""
HOSTS = "127.0.0.1 localhost grader\n::1 localhost\n"
USERS = "student:x:1000:1000::/tmp:/bin/sh\nroot:x:0:0::/:/bin/sh\n"
NOT_COPIED = {".git", "__pycache__", ".venv", "venv", "node_modules/.cache"}
MARK = ".socket-grader"
"""A file by which a folder of our results is known again, wherever it lies: it may lie in a submission, or among them."""
MARKED = "Results of gradings. Nothing in this folder was handed in.\n"


@dataclass
class Copied:
    """What was taken, in a stable order, and what was left out and why."""

    digest: str = ""
    files: int = 0
    size: int = 0
    left_out: list[tuple[str, str]] = field(default_factory=list)
    without: frozenset[str] = frozenset()

    def notices(self) -> tuple[Finding, ...]:
        """What was left out, for the page: one finding for each reason."""
        names = {why: [n for n, w in self.left_out if w == why] for _, why in sorted(self.left_out)}
        return tuple(
            Finding(f"left-out-{why}", {"files": found[:MOST_NAMES], "count": len(found)})
            for why, found in names.items()
        )


def stage(folder: Path, without: frozenset[str] = frozenset()) -> tuple[Staging, Copied]:
    """Copy `folder`, but not the real paths in `without`, into a new staging folder. Raises UsageError if it can't be read."""
    staging = empty_staging()
    copied = Copied(without=without)
    digest = hashlib.sha256()
    try:
        _copy(folder, Path(staging.submission), "", folder.resolve(), copied, digest)
        copied.digest = digest.hexdigest()
        hand_over(staging)
    except OSError as problem:
        remove(staging)
        raise UsageError("unreadable-file", path=problem.filename, why=problem.strerror) from problem
    except BaseException:
        remove(staging)  # interrupted: nothing is left behind
        raise
    return staging, copied


def digest_of(folder: Path, without: frozenset[str] = frozenset()) -> str:
    """The digest that staging `folder` would have, found without copying anything. Raises UsageError if it can't be read."""
    copied, digest = Copied(without=without), hashlib.sha256()
    try:
        _copy(folder, None, "", folder.resolve(), copied, digest)
    except OSError as problem:
        raise UsageError("unreadable-file", path=problem.filename, why=problem.strerror) from problem
    return digest.hexdigest()


def is_ours(folder: str | Path) -> bool:
    """Whether a folder holds results of ours, by its mark and not by its name."""
    try:
        with open(Path(folder, MARK), "rb") as file:
            return file.read(len(MARKED) + 1) == MARKED.encode()
    except OSError:
        return False


def empty_staging() -> Staging:
    """A staging folder without a submission, for probing a sandbox."""
    root = tempfile.mkdtemp(prefix="grade-", dir=open_temporary())
    remove_after_us(root)
    for name in ("submission", "etc", "work", "tmp"):
        os.mkdir(f"{root}/{name}", 0o755)
    Path(f"{root}/etc/hosts").write_text(HOSTS)
    Path(f"{root}/etc/passwd").write_text(USERS)
    staging = Staging(root, owner=_new_user(root))
    hand_over(staging)
    return staging


def remove_after_us(folder: str) -> None:
    """Have a folder of ours removed when this process has ended, however it does. One of /sys has to be empty by then."""
    os.write(_janitor(), os.fsencode(folder) + b"\n")


@functools.cache
def _janitor() -> int:
    """Start who cleans up after us; returns the descriptor on which it is told what to remove when we are gone."""
    end, ours = os.pipe()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.posix_spawn(
        "/bin/sh", ["sh", "-c", JANITOR, "sh"], {"PATH": "/usr/bin:/bin"}, setsid=True,
        file_actions=[(os.POSIX_SPAWN_DUP2, end, 0), (os.POSIX_SPAWN_DUP2, nowhere, 1), (os.POSIX_SPAWN_DUP2, nowhere, 2)],
    )  # fmt: skip
    os.close(end)
    os.close(nowhere)
    return ours


_users: dict[str, socket.socket] = {}


def _new_user(root: str) -> int:
    """A user for one staged folder, that nobody else has: held by a socket whose name only one process can take."""
    if os.geteuid() != 0:
        return os.geteuid()
    count = USERS_TO - USERS_FROM
    for number in random.sample(range(count), count):
        held = socket.socket(socket.AF_UNIX)
        try:
            held.bind(f"\0grade user {number}")
        except OSError:
            held.close()
            continue
        _users[root] = held
        return USERS_FROM + number
    return NOBODY


def open_temporary() -> str:
    """The folder for temporary files, one that whoever the server runs as can enter: root's may be for root alone."""
    usual = tempfile.gettempdir()
    if os.geteuid() != 0 or open_to_all(usual):
        return usual
    return next((d for d in ("/tmp", "/var/tmp") if os.path.isdir(d) and open_to_all(d)), usual)


def remove(staging: Staging) -> None:
    """Remove a staging folder, whatever a build left there."""
    remove_tree(staging.root)
    if staging.root in _users:
        _users.pop(staging.root).close()


def hand_over(staging: Staging) -> None:
    """Give the folders to whom the submission runs as, where that is not the grader itself."""
    if os.geteuid() != 0:
        return
    for folder, names, files in os.walk(staging.root):
        for path in (folder, *(f"{folder}/{n}" for n in (*names, *files))):
            os.chown(path, staging.owner, staging.owner, follow_symlinks=False)


def _copy(source: Path, target: Path | None, inside: str, top: Path, copied: Copied, digest: hashlib._Hash) -> None:
    """Copy what is in `source`, or, without a `target`, only note it."""
    for entry in sorted(os.scandir(source), key=lambda e: e.name):
        name = f"{inside}/{entry.name}".lstrip("/")
        place = target / entry.name if target else None
        mode = entry.stat(follow_symlinks=False).st_mode
        if entry.name in NOT_COPIED or (copied.without and os.path.realpath(entry.path) in copied.without):
            continue
        if stat.S_ISLNK(mode):
            link = os.readlink(entry.path)
            within = Path(os.path.realpath(entry.path)).is_relative_to(top)
            if os.path.isabs(link) or not within:
                copied.left_out.append((name, "link"))
                continue
            if place:
                os.symlink(link, place)
            _note(digest, name, b"link", os.fsencode(link))
        elif stat.S_ISDIR(mode) and is_ours(entry.path):
            continue  # somebody grades from within a submission
        elif stat.S_ISDIR(mode) and name.count("/") >= MOST_DEPTH:
            copied.left_out.append((name, "deep"))
        elif stat.S_ISDIR(mode):
            if place:
                os.mkdir(place, 0o755)
            _copy(Path(entry.path), place, name, top, copied, digest)
        elif stat.S_ISREG(mode):
            size = entry.stat(follow_symlinks=False).st_size
            if copied.files + 1 > MOST_FILES or copied.size + size > MOST_BYTES:
                copied.left_out.append((name, "much"))
                continue
            copied.files += 1
            copied.size += size
            data = Path(entry.path).read_bytes()
            if place:
                place.write_bytes(data)
                os.chmod(place, 0o755 if mode & 0o111 else 0o644)
            _note(digest, name, b"file+x" if mode & 0o111 else b"file", data)
        else:
            copied.left_out.append((name, "odd"))


def _note(digest: hashlib._Hash, name: str, kind: bytes, data: bytes) -> None:
    for part in (os.fsencode(name), kind, data):
        digest.update(len(part).to_bytes(8, "little") + part)

"""Where a submission is put and as whom it runs: the folders of its staging, the user, the interpreter.

As root the user is dropped before any sandbox is made: bubblewrap run by root keeps every capability, and the kernel
counts no processes of the real root. Each staged folder then has a user of its own (`Staging.owner`), so that what runs
for one submission can't signal, trace or read what runs for another, whatever the rung.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from grader.errors import HarnessError

NOBODY = 65534


@dataclass(frozen=True, slots=True)
class Staging:
    """The folders of one submission on this machine, under an opaque name: no student's name reaches the sandbox.

    `writable` is for the build: the work folder is then the staged submission itself. `owner` is the user that everything
    of it runs as where the grader is root. `recorder` is a folder of the grader's own that is to be seen inside, if something
    is recorded.
    """

    root: str
    writable: bool = False
    owner: int = NOBODY
    recorder: str = ""

    @property
    def submission(self) -> str:
        return f"{self.root}/submission"

    @property
    def etc(self) -> str:
        return f"{self.root}/etc"


@dataclass(frozen=True, slots=True)
class View:
    """What the agent is told: where the submission, its work folder and the temporary folders are, seen from inside."""

    submission: str
    work: str
    temporary: tuple[str, ...]
    recorder: str = "/recorder"


def identity(staging: Staging) -> dict[str, object]:
    """The keyword arguments of Popen that drop root; none for an ordinary user."""
    return {"user": staging.owner, "group": staging.owner, "extra_groups": []} if os.geteuid() == 0 else {}


@functools.cache
def interpreter() -> str:
    """The Python that submissions and the agent run with, readable by whom they run as.

    It is the grader's own, so that a student's `python3` is the one that the course was told of; where root's own Python
    lies in a folder that only root may enter, the system's takes its place.
    """
    own = os.path.realpath(sys.executable)
    if os.geteuid() != 0 or open_to_all(own):
        return own
    system = shutil.which("python3", path="/usr/local/bin:/usr/bin:/bin")
    if system is None:
        raise HarnessError("no-tool", tool="python3")
    return os.path.realpath(system)


def open_to_all(path: str) -> bool:
    """Whether everybody may read a file or folder, and enter every folder on the way to it."""
    return all(os.stat(p).st_mode & 0o005 == 0o005 for p in [path, *map(str, Path(path).parents)])


def search_path() -> str:
    """Where programs are looked for inside: the interpreter's folder first, then the system's."""
    return f"{Path(interpreter()).parent}:/usr/local/bin:/usr/bin:/bin"


def inside(program: str) -> bool:
    """Whether a server finds a program: it stands on the search path, and what that leads to is shown in every sandbox."""
    path = shutil.which(program, path=search_path())
    shown = ("/usr/", "/bin/", "/sbin/", *([f"{prefix()}/"] if prefix() else []))
    return path is not None and os.path.realpath(path).startswith(shown)


def prefix() -> str:
    """The interpreter's folder, where it does not lie in /usr and so has to be shown separately; else empty."""
    folder = str(Path(interpreter()).parent.parent)
    return "" if folder.startswith("/usr") else folder


def found(program: str) -> str:
    """Where a program of the sandbox's own is, such as `bwrap`; its name alone if it is nowhere."""
    path = f"{search_path()}:{os.environ.get('PATH', '')}"
    return shutil.which(program, path=path) or program


def remove_tree(folder: str) -> None:
    """Remove a folder whatever is in it: folders without permissions, or deeper than a path may be long."""
    with contextlib.suppress(OSError, RecursionError):
        shutil.rmtree(folder)
    if os.path.lexists(folder):
        for command in (["chmod", "-R", "u+rwX", folder], ["rm", "-rf", "--", folder]):
            subprocess.run(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)

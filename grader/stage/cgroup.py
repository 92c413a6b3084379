"""A box in a control group of its own, where this user may make one: the kernel then keeps its memory and its processes.

It is the second line behind `watch.py`, for what cannot be seen from outside: memory that the kernel itself holds for a
process (full sockets, pipes, page tables), and what is used up between two looks. So its limits lie above those of the
watch. As root on most machines it works; an ordinary user rarely may, and nothing depends on it.

Both arrangements are known: version 2, one tree, and version 1, a tree for memory and one for processes. The box is moved
in while its agent is still loading, before any code of a submission runs.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import select
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from grader.stage.staging import remove_after_us

ROOT = Path("/sys/fs/cgroup")
UNIFIED = "cgroup.controllers"
ABOVE = 512 << 20
"""Bytes above the limit of the watch: the folders that live in memory count here, and so do cached files."""
MORE_PROCESSES = 64
ROUNDS, ROUND_SECONDS = 200, 0.005
FRESH_SECONDS = 60.0
"""How long after a group was made the kernel may still be putting away what was in it."""
NAME = "grade-"
_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class Group:
    """The folders of one box's group: one, or in version 1 one for memory and one for processes."""

    folders: tuple[Path, ...]

    def killed(self) -> int:
        """How many processes the kernel has ended because the group had no memory left."""
        for folder in self.folders:
            for name in ("memory.events", "memory.oom_control"):
                with contextlib.suppress(OSError):
                    lines = (folder / name).read_text(encoding="ascii").splitlines()
                    return next((int(x.split()[1]) for x in lines if x.startswith("oom_kill ")), 0)
        return 0

    def close(self, rounds: int = ROUNDS) -> None:
        """Remove the group. Its processes have ended, but the kernel may still be putting the last of them away."""
        for folder in self.folders:
            for _ in range(rounds):
                try:
                    folder.rmdir()
                except OSError as problem:
                    if problem.errno != errno.EBUSY:
                        break
                    select.select([], [], [], ROUND_SECONDS)
                else:
                    break


def join(pid: int, memory: int, processes: int) -> Group | None:
    """Put a process, and all that it will start, into a new group with these limits; None where that is not possible."""
    name = f"{NAME}{os.getpid()}-{next(_numbers)}"
    made: list[Path] = []
    try:
        for parent, limits in _trees(memory + ABOVE, processes + MORE_PROCESSES):
            _sweep(parent)
            folder = parent / name
            folder.mkdir()
            made.append(folder)
            remove_after_us(str(folder))
            for file, value in limits.items():
                (folder / file).write_text(str(value), encoding="ascii")
            (folder / "cgroup.procs").write_text(str(pid), encoding="ascii")
    except (OSError, ValueError):
        Group(tuple(made)).close()
        return None
    return Group(tuple(made)) if made else None


def possible() -> bool:
    """Whether this user may make groups here: one is made around a process that does nothing."""
    with subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as nothing:
        group = join(nothing.pid, ABOVE, MORE_PROCESSES)
        if nothing.stdin:
            nothing.stdin.close()
        nothing.wait()
    if group is not None:
        group.close()
    return group is not None


def _sweep(parent: Path) -> None:
    """Remove groups of graders that were killed before they could.

    Every box comes by here. One in which something has been left for long is tried once, and nobody waits for it.
    """
    for name in os.listdir(parent):
        if name.startswith(NAME) and not os.path.exists(f"/proc/{name.removeprefix(NAME).partition('-')[0]}"):
            with contextlib.suppress(OSError):  # another grader was quicker
                fresh = time.time() - (parent / name).stat().st_mtime < FRESH_SECONDS
                Group((parent / name,)).close(ROUNDS if fresh else 1)


def _trees(memory: int, processes: int) -> list[tuple[Path, dict[str, int]]]:
    """Where groups are made, and the limits that each kind of tree has. Raises OSError."""
    if (ROOT / UNIFIED).is_file():
        own = Path("/proc/self/cgroup").read_text(encoding="utf-8").strip().rpartition(":")[2].strip("/")
        # Below our own group only where it may have children with limits; the root of the tree always may.
        return [(p, {"memory.max": memory, "pids.max": processes}) for p in (ROOT / own, ROOT) if _shares(p)][:1]
    return [
        (ROOT / "memory", {"memory.limit_in_bytes": memory}),
        (ROOT / "pids", {"pids.max": processes}),
    ]


def _shares(folder: Path) -> bool:
    try:
        shared = (folder / "cgroup.subtree_control").read_text(encoding="ascii").split()
    except OSError:
        return False
    return {"memory", "pids"} <= set(shared)

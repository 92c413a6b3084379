"""How much a submission may use: more than an honest server with hundreds of threads ever needs, and no more.

Some limits the kernel keeps by itself (processes, open files, the size of one file, processor time): a call fails, or a
signal ends the process. The others are watched from outside (`watch.py`), because what the kernel offers would fail honest
programs: a limit on address space stops a Java machine and everything built with a sanitizer, which reserve terabytes and
use a few megabytes. Whoever meets a limit is told so, with the figure (`Met`): it is a finding, never a failure of ours.
"""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

MIB = 1 << 20
LEAST_MEMORY, MOST_MEMORY = 512 * MIB, 2048 * MIB
SHARED_MEMORY, TEMPORARY, WORK = 16 * MIB, 64 * MIB, 256 * MIB
"""Sizes of the folders that live in memory: /dev/shm, /tmp and the work folder."""
MOST_ENTRIES = 50_000
"""Files in those folders: an empty one costs the kernel a kilobyte that no size counts."""
MEMORY_OF_MACHINE = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


@dataclass(frozen=True, slots=True)
class Met:
    """A limit that was met: which, how much was used, and how much is allowed (bytes, numbers or seconds)."""

    limit: str
    used: int
    most: int


@dataclass(frozen=True, slots=True)
class Limits:
    """What one server, or one build, may use. `processes` counts threads too, as the kernel does."""

    processes: int = 512
    files: int = 1024
    file_size: int = 32 * MIB
    seconds: int = 120
    share: int = 4
    """Of the machine's memory one part in so many, within bounds: see `memory`."""
    memory_at_most: int = MOST_MEMORY
    disk: int = WORK + TEMPORARY
    """Bytes in folders that lie on a disk of the machine; those in memory are limited by their size."""
    entries: int = MOST_ENTRIES

    @property
    def memory(self) -> int:
        """Bytes of memory for all processes together."""
        return min(self.memory_at_most, max(LEAST_MEMORY, machine_memory() // self.share))

    def but(self, limits: Mapping[str, int]) -> Limits:
        """The same, with those that a spec sets: `memory`, `processes`, `files`."""
        own = {name: limits[name] for name in ("processes", "files") if name in limits}
        return replace(self, memory_at_most=limits.get("memory", self.memory_at_most), **own)

    def words(self, more_processes: int = 0) -> str:
        """The part that the kernel keeps, as the agent is told it: ``name=soft:hard``.

        `more_processes` is for rungs where the kernel counts what else runs under the same user.
        """
        processes = self.processes + more_processes
        return (
            f"NPROC={processes}:{processes} FSIZE={self.file_size}:{self.file_size} NOFILE={self.files}:{self.files} "
            f"CPU={self.seconds}:{self.seconds + 5} CORE=0:0"
        )


SERVER = Limits()
BUILD = Limits(file_size=256 * MIB, share=2, memory_at_most=2 * MOST_MEMORY, disk=2048 * MIB, entries=10 * MOST_ENTRIES)


@functools.cache
def machine_memory() -> int:
    """Bytes of memory that this machine, or the container that we are in, has."""
    total = next(
        int(line.split()[1]) << 10
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        if line.startswith("MemTotal:")
    )
    for path in MEMORY_OF_MACHINE:
        try:
            total = min(total, int(Path(path).read_text(encoding="ascii")))
        except (OSError, ValueError):
            continue  # no container, or no limit ("max")
    return total


def available() -> int:
    """Bytes of memory that are free, or could be at once."""
    with open("/proc/meminfo", encoding="ascii") as lines:
        return next(int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable:"))


def tasks_of(user: int) -> int:
    """How many processes and threads of a user there are on this machine."""
    found = 0
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError):
                folder = os.stat(f"/proc/{name}/task")
                found += folder.st_nlink - 2 if folder.st_uid == user else 0
    return found

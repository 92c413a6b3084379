"""The server's processes and threads, read from /proc: which there are, what each does, how often each has run.

All reading is from outside and changes nothing. A server is every process below the agent, not only the one that was
started: a server that forks, or that makes itself a daemon, is still the same server.
"""

from __future__ import annotations

import functools
import os
import re
import struct
import time
from collections.abc import Collection
from typing import NamedTuple

from grader.stage.syscalls import Wait, read_wait

SLEEPING = "S"
ENDED = "ZX"


class Task(NamedTuple):
    """One thread at one moment. `runs` counts how often it was put on a processor, `ran` for how many nanoseconds.

    `wait` is None when it was running, runnable, or waiting in a way that proves nothing.
    """

    process: int
    tid: int
    name: str
    state: str
    ran: int
    delayed: int
    runs: int
    wait: Wait | None = None


def children(pid: int) -> list[int]:
    """The direct children of all threads of a process; empty when it has ended."""
    found: list[int] = []
    try:
        for tid in os.listdir(f"/proc/{pid}/task"):
            found += map(int, _read(f"/proc/{pid}/task/{tid}/children").split())
    except OSError:
        return found
    return found


def descendants(pid: int) -> list[int]:
    """Every process below `pid`, itself not included.

    One whose parent ends falls to `pid`, which is its subreaper. So whoever was asked for its children just when it had ended
    may have had some, and they are found by asking `pid` again, until there is nobody new.
    """
    found: dict[int, None] = {}
    while new := [child for child in children(pid) if child not in found]:
        for child in new:  # it grows: each is followed by its own
            found[child] = None
            new += [one for one in children(child) if one not in found]
    return list(found)


def parent(pid: int) -> int:
    """The parent of a process. Raises OSError when it has ended."""
    return int(_read(f"/proc/{pid}/stat").rsplit(b")", 1)[1].split()[1])


def session(pid: int) -> int:
    """The session of a process: that of each started program is its own. 0 if it has ended."""
    try:
        return int(_read(f"/proc/{pid}/stat").rsplit(b")", 1)[1].split()[3])
    except OSError:
        return 0


def state(pid: int) -> str:
    """The state of a process as the kernel names it; that of one that has ended and been forgotten counts as ended."""
    try:
        return chr(_read(f"/proc/{pid}/stat").rsplit(b")", 1)[1].split()[0][0])
    except OSError:
        return ENDED[0]


def processor(pid: int) -> int:
    """The processor that a process ran on last. Raises OSError when it has ended."""
    return int(_read(f"/proc/{pid}/stat").rsplit(b")", 1)[1].split()[36])


def tracer(pid: int) -> int:
    """The process that traces another; 0 if none does, or it has ended."""
    try:
        found = re.search(rb"^TracerPid:\s+(\d+)$", _read(f"/proc/{pid}/status"), re.MULTILINE)
    except OSError:
        return 0
    return int(found[1]) if found else 0


def look(processes: list[int], *, waits: bool, only: Collection[int] | None = None) -> dict[int, Task]:
    """Every task of the given processes, or of them `only` some, by thread id. Without `waits` it is not read what each waits for.

    The order of reading matters to whoever compares two looks. With `waits` the counts are read before the state, else the
    state before the counts: a task that slept at the first state, and at the second, with the same counts, slept between.
    """
    found: dict[int, Task] = {}
    now = time.monotonic()
    for pid in processes:
        try:
            tids = os.listdir(f"/proc/{pid}/task")
        except OSError:
            continue
        for tid in tids if only is None else (t for t in tids if int(t) in only):
            folder = f"/proc/{pid}/task/{tid}/"
            try:
                stat = b"" if waits else _read(folder + "stat")
                ran, delayed, runs = map(int, _read(folder + "schedstat").split())
                stat = stat or _read(folder + "stat")
                end = stat.rindex(b")")
                name, state = stat[stat.index(b"(") + 1 : end].decode(errors="replace"), chr(stat[end + 2])
                wait = _wait(pid, folder, now) if waits and state == SLEEPING else None
            except (OSError, ValueError):
                continue  # it ended while it was looked at; the next look will not list it
            if state not in ENDED:
                found[int(tid)] = Task(pid, int(tid), name, state, ran, delayed, runs, wait)
    return found


def _wait(pid: int, folder: str, now: float) -> Wait | None:
    """What a sleeping thread waits for; None where that can't be read: it has gone on, or it hides from all but root."""
    try:
        return read_wait(_read(folder + "syscall"), functools.partial(memory, pid), now)
    except (OSError, ValueError, struct.error):
        return None


def memory(pid: int, address: int, size: int) -> bytes:
    """Bytes of a process's memory. Raises OSError."""
    descriptor = os.open(f"/proc/{pid}/mem", os.O_RDONLY)
    try:
        return os.pread(descriptor, size, address)
    finally:
        os.close(descriptor)


def socket_inode(pid: int, descriptor: int) -> int | None:
    """The inode of the socket behind a descriptor of a process, or None if it is no socket."""
    try:
        link = os.readlink(f"/proc/{pid}/fd/{descriptor}")
    except OSError:
        return None
    return int(link[8:-1]) if link.startswith("socket:[") else None


def socket_inodes(processes: list[int]) -> set[int]:
    """The inodes of all sockets that the given processes hold."""
    found: set[int] = set()
    for pid in processes:
        try:
            descriptors = os.listdir(f"/proc/{pid}/fd")
        except OSError:
            continue
        found |= {i for d in descriptors if (i := socket_inode(pid, int(d))) is not None}
    return found


def is_java(pid: int) -> bool:
    """Whether a process is a Java machine, whose housekeeping threads wake up for themselves alone."""
    try:
        return os.readlink(f"/proc/{pid}/exe").endswith("/java")
    except OSError:
        return False


def _read(path: str) -> bytes:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return os.read(descriptor, 4096)
    finally:
        os.close(descriptor)

"""What can wake a server that waits for input without a limit: timers that stand in no system call's arguments.

A thread in `recv` or `epoll_wait` without a limit may still go on by itself: its socket has a time limit of its own
(SO_RCVTIMEO, SO_SNDTIMEO), a timer descriptor is among those that it watches, or an alarm signal has been ordered. What
can be read is read: the limits of sockets through a duplicate of the descriptor (`pidfd_getfd`), timer descriptors from
`/proc/PID/fdinfo`. What can't be read (an interval timer, a POSIX timer, io_uring) is refused: where a process has
prepared for such a thing, its silence proves nothing, and a deadline decides.
"""

from __future__ import annotations

import ctypes
import functools
import os
import re
import socket
import struct
from collections.abc import Iterable
from signal import SIGALRM

from grader.stage.processes import Task
from grader.stage.syscalls import FOREVER, ON_A_DESCRIPTOR

PIDFD_GETFD = 438  # the same on every architecture
SENDS = {"write", "writev", "sendto", "sendmsg"}
TIMER, RING = "anon_inode:[timerfd]", "anon_inode:[io_uring]"
LEFT = re.compile(rb"it_value: \((\d+), (\d+)\)")


def refused(processes: Iterable[int]) -> bool:
    """Whether a process has prepared for an alarm, or for input, in a way that can't be seen from outside."""
    return any(_catches_alarms(pid) or _has_posix_timers(pid) for pid in processes)


def timers(processes: Iterable[int], now: float) -> float:
    """When the next timer descriptor of these processes goes off; `now` if that can't be known, FOREVER without any."""
    soonest = FOREVER
    for pid in processes:
        folder = f"/proc/{pid}/fd"
        try:
            descriptors = os.listdir(folder)
        except OSError:
            return now
        for descriptor in descriptors:
            try:
                link = os.readlink(f"{folder}/{descriptor}")
            except OSError:
                continue  # closed meanwhile
            if link == TIMER:
                soonest = min(soonest, now + _left(pid, descriptor))
            elif link == RING:
                return now
    return soonest


def limit(task: Task) -> float:
    """Seconds after which this task's wait for a socket ends by the socket's own limit; FOREVER if it has none.

    What is no socket has no limit. 0 where it can't be known, so that nothing is concluded.
    """
    wait = task.wait
    if wait is None or wait.descriptor is None or wait.call not in ON_A_DESCRIPTOR:
        return FOREVER
    descriptor = _duplicate(task.process, wait.descriptor)
    if descriptor is None:
        return 0.0
    option = socket.SO_SNDTIMEO if wait.call in SENDS else socket.SO_RCVTIMEO
    if not os.readlink(f"/proc/self/fd/{descriptor}").startswith("socket:"):
        os.close(descriptor)
        return FOREVER
    with socket.socket(fileno=descriptor) as held:
        seconds, micro = struct.unpack("=qq", held.getsockopt(socket.SOL_SOCKET, option, 16))
    return float(seconds) + float(micro) / 1e6 or FOREVER


def _duplicate(pid: int, descriptor: int) -> int | None:
    """Our own descriptor for what a process has open, or None where the kernel refuses, or it has been closed."""
    try:
        pidfd = os.pidfd_open(pid)
    except OSError:
        return None
    try:
        made = _syscall()(PIDFD_GETFD, pidfd, descriptor, 0)
    finally:
        os.close(pidfd)
    return int(made) if made >= 0 else None


@functools.cache
def _syscall() -> ctypes._NamedFuncPointer:
    return ctypes.CDLL(None, use_errno=True).syscall


def _left(pid: int, descriptor: str) -> float:
    """Seconds until a timer descriptor goes off: 0 if it has or if that can't be read, FOREVER if it is not set."""
    try:
        with open(f"/proc/{pid}/fdinfo/{descriptor}", "rb") as info:
            text = info.read()
    except OSError:
        return 0.0
    found = LEFT.search(text)
    if found is None:
        return 0.0
    left = int(found[1]) + int(found[2]) / 1e9
    return left or FOREVER


def _catches_alarms(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/status", "rb") as status:
            caught = next(line for line in status if line.startswith(b"SigCgt:"))
    except (OSError, StopIteration):
        return True
    return bool(int(caught.split()[1], 16) >> (SIGALRM - 1) & 1)


def _has_posix_timers(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/timers", "rb") as timers_of:
            return bool(timers_of.read(1))
    except FileNotFoundError:
        return False  # a kernel that does not list them; or the process has ended, which the next look sees
    except OSError:
        return True

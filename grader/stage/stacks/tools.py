"""Running a program that looks at a hostile process: without root, for a bounded time, with nothing to write to.

And the two ways in which threads are counted: inside a sandbox a thread has a number of its own, which is the one that
its runtime knows.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from grader.stage.place import open_to_all

SECONDS = 5.0


def found(program: str) -> str | None:
    """Where a program is, beside the interpreter or on the path, if whoever the server runs as may run it too."""
    beside = str(Path(sys.executable).parent)
    path = shutil.which(program, path=os.pathsep.join((beside, os.environ.get("PATH", os.defpath))))
    if path is None or (os.geteuid() == 0 and not open_to_all(os.path.realpath(path))):
        return None
    return path


def output(argv: list[str], pid: int, seconds: float = SECONDS) -> str:
    """What a program prints that looks at a process, run as whoever it runs as; empty if it is missing, fails or is slow."""
    program = found(argv[0])
    if program is None:
        return ""
    try:
        done = subprocess.run(
            [program, *argv[1:]], capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL, timeout=seconds,
            check=False, cwd="/", env={"PATH": os.defpath, "HOME": "/", "LANG": "C.UTF-8"}, start_new_session=True,
            **_identity(pid),  # type: ignore[call-overload]
        )  # fmt: skip
    except (OSError, StopIteration, subprocess.SubprocessError):
        return ""
    return str(done.stdout) if done.returncode == 0 else ""


def _identity(pid: int) -> dict[str, object]:
    """The keyword arguments of Popen that make root whoever a process runs as; none for an ordinary user."""
    if os.geteuid() != 0:
        return {}
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
    owner = int(next(line.split()[1] for line in status.splitlines() if line.startswith("Uid:")))
    return {"user": owner, "group": owner, "extra_groups": []}


def outer_tids(pid: int) -> dict[int, int]:
    """The threads of a process: from their number inside its sandbox to the one on this side."""
    numbers: dict[int, int] = {}
    try:
        for tid in os.listdir(f"/proc/{pid}/task"):
            status = Path(f"/proc/{pid}/task/{tid}/status").read_text(encoding="utf-8", errors="replace")
            inner = next((line.split()[-1] for line in status.splitlines() if line.startswith("NSpid:")), tid)
            numbers[int(inner)] = int(tid)
    except OSError:
        return numbers
    return numbers


def catches(pid: int, signal: int) -> bool:
    """Whether a process has a way of its own to receive a signal, which would else end it."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    caught = next((line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:")), "0")
    return bool(int(caught, 16) >> (signal - 1) & 1)

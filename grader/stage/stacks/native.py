"""Programs compiled from the student's own source: gdb, if it is there, and what a mutex tells about its owner.

Lines come out only if the program was built with `-g`. Who owns a mutex needs no debugger: a thread that waits for one
gives the kernel its address, and beside the lock word stands the thread that holds it. This is how glibc lays it out; a
number there that is no thread of the process is not believed.
"""

from __future__ import annotations

import os
import re
import struct
from pathlib import Path

from grader.stage import processes
from grader.stage.stacks.frames import MOST_FRAMES, Frame, Names, Sources, Stack
from grader.stage.stacks.tools import outer_tids, output

SETTINGS = (
    "auto-load off",
    "debuginfod enabled off",
    "sysroot /",
    "print thread-events off",
    "print frame-arguments scalars",
)
THREAD = re.compile(r"^Thread \d+ .*\(?LWP (?P<tid>\d+)\)?")
AT = re.compile(r"^#\d+\s+(?:0x[0-9a-f]+ in )?(?P<function>[\w:~]+)(?:.*?) \(.*\) at (?P<file>[^\s:]+):(?P<line>\d+)$")
MUTEX = re.compile(r"\bmutex=(?P<address>0x[0-9a-f]+)(?: <(?P<name>\w+)>)?")
OWNER = 8
"""Where the owner stands in a mutex of glibc, counted from its lock word."""
FUTEXES = {202, 98}


def is_own(pid: int, sources: Sources) -> bool:
    """Whether a process runs a program that lies in the submission's own folder."""
    try:
        return os.readlink(f"/proc/{pid}/exe").startswith(f"{sources.work}/")
    except OSError:
        return False


def read(pid: int, sources: Sources, names: Names) -> dict[int, Stack]:
    """The stacks of one process, by thread id. The process may find a call of its interrupted afterwards."""
    owners = _owners(pid)  # before gdb wakes the threads up
    settings = [word for setting in SETTINGS for word in ("-iex", f"set {setting}")]
    said = output(
        [
            "gdb",
            "-nx",
            "-batch",
            *settings,
            "-p",
            str(pid),
            "-ex",
            f"thread apply all bt {4 * MOST_FRAMES}",
            f"/proc/{pid}/exe",
        ],
        pid,
    )
    blocks = {int(head["tid"]): block for block in re.split(r"\n(?=Thread )", said) if (head := THREAD.match(block))}
    called = {int(m["address"], 16): m["name"] for m in MUTEX.finditer(said) if m["name"]}
    lock = {address: names.of((pid, address), called.get(address, "mutex")) for address, _ in owners.values()}
    found: dict[int, Stack] = {}
    for tid in {*blocks, *owners, *(owner for _, owner in owners.values())}:
        frames = tuple(_frames(blocks.get(tid, ""), sources))
        holds = tuple(dict.fromkeys(lock[address] for address, owner in owners.values() if owner == tid))
        wants = lock[owners[tid][0]] if tid in owners else ""
        found[tid] = Stack("", frames[:MOST_FRAMES], tuple((name, None) for name in holds), wants)
    return found


def _frames(block: str, sources: Sources) -> list[Frame]:
    found = (AT.match(line) for line in block.splitlines())
    frames = [(sources.called(at["file"]), at) for at in found if at and not at["file"].startswith(("/usr", "../"))]
    return [Frame(inside, int(at["line"]), at["function"]) for inside, at in frames if inside]


def _owners(pid: int) -> dict[int, tuple[int, int]]:
    """Of each thread that waits for a mutex which a thread of the same process holds: its address, and that thread."""
    outer = outer_tids(pid)
    found: dict[int, tuple[int, int]] = {}
    for tid in outer.values():
        try:
            words = Path(f"/proc/{pid}/task/{tid}/syscall").read_text(encoding="ascii").split()
            if len(words) < 2 or not words[0].isdigit() or int(words[0]) not in FUTEXES:
                continue
            address = int(words[1], 16)
            (owner,) = struct.unpack("=i", processes.memory(pid, address + OWNER, 4))
        except (OSError, ValueError, struct.error):
            continue
        if owner in outer:
            found[tid] = (address, outer[owner])
    return found

"""Java: the machine prints where its threads are when it gets SIGQUIT, the locks that they hold and wait for included.

The dump comes out of the server's own standard output, so it is asked for only when nothing that the server prints
matters any more. The program itself does not notice it.
"""

from __future__ import annotations

import os
import re
import signal

from grader.stage.stacks.frames import MOST_FRAMES, Frame, Names, Sources, Stack
from grader.stage.stacks.tools import catches, outer_tids

THREAD = re.compile(r'^"(?P<name>.*)" #\d+.* nid=(?P<nid>0x[0-9a-f]+|\d+) ')
AT = re.compile(r"^\s+at (?P<place>[^(]+)\((?:[^/()]*/)?(?P<file>[\w$]+\.java):(?P<line>\d+)\)")
LOCK = re.compile(r"^\s+- (?P<what>locked|waiting to lock) <(?P<address>0x[0-9a-f]+)> \(an? (?P<type>[^)]*)\)")
END = "JNI global ref"
"""The last line of a dump begins with this."""
OF_THE_MACHINE = ("java.", "jdk.", "sun.", "javax.")


def ask(pid: int) -> bool:
    """Ask a Java machine for a dump. False where it would not understand, and the signal would end it."""
    if not catches(pid, signal.SIGQUIT):
        return False
    try:
        os.kill(pid, signal.SIGQUIT)
    except OSError:
        return False
    return True


def read(pid: int, dump: str, sources: Sources, names: Names) -> dict[int, Stack]:
    """The stacks in a dump, by thread id."""
    outer = outer_tids(pid)
    found: dict[int, Stack] = {}
    for block in re.split(r"\n(?=\")", dump):
        if head := THREAD.match(block):
            tid = int(head["nid"], 0)
            found[outer.get(tid, tid)] = _stack(head["name"], block, sources, names)
    return found


def _stack(name: str, block: str, sources: Sources, names: Names) -> Stack:
    frames: list[Frame] = []
    holds: list[tuple[str, Frame | None]] = []
    wants = ""
    own: Frame | None = None
    for line in block.splitlines()[1:]:
        if at := AT.match(line):
            library = at["place"].startswith(OF_THE_MACHINE) or "java.base" in line
            inside = "" if library else sources.called(at["file"])
            own = Frame(inside, int(at["line"]), at["place"].rsplit(".", 1)[-1]) if inside else None
            frames += [own] if own else []
        elif lock := LOCK.match(line):
            called = names.of(lock["address"], lock["type"].rsplit(".", 1)[-1])
            if lock["what"] == "waiting to lock":
                wants = called
            elif own is not None:  # a lock of the library's own says nothing about the program
                holds.append((called, own))
    return Stack(name, tuple(frames[:MOST_FRAMES]), tuple(holds[:MOST_FRAMES]), wants)

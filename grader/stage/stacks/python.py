"""Python: py-spy reads the stacks out of the memory of the process, from outside; no code of ours runs inside.

Which locks a thread holds is not written in its memory, but it stands in the source: a thread that is inside the block
of `with lock:` holds it, and one that stands at the line itself waits for it (`held.py`).
"""

from __future__ import annotations

import json
from typing import Any

from grader.stage.stacks.frames import MOST_FRAMES, Frame, Names, Sources, Stack
from grader.stage.stacks.held import Scope, held, wanted
from grader.stage.stacks.tools import outer_tids, output

LIBRARY_OF_LOCKS = "threading.py"


def read(pid: int, sources: Sources, names: Names) -> dict[int, Stack]:
    """The stacks of one Python process, by thread id; empty where py-spy is missing or can't read it."""
    said = output(["py-spy", "dump", "--json", "--locals", "--nonblocking", "--pid", str(pid)], pid)
    try:
        threads = json.loads(said) if said else []
        outer = outer_tids(pid)
        return {
            outer.get(t["os_thread_id"], t["os_thread_id"]): _stack(t, sources, names)
            for t in threads
            if t.get("os_thread_id")
        }
    except (ValueError, KeyError, TypeError):
        return {}


def _stack(thread: dict[str, Any], sources: Sources, names: Names) -> Stack:
    frames: list[Frame] = []
    holds: list[tuple[str, Frame | None]] = []
    wants = ""
    for depth, raw in enumerate(thread["frames"]):
        inside = sources.inside(raw["filename"])
        if not inside:
            continue
        frame = Frame(inside, int(raw["line"]), _plain(raw["name"]))
        scope = Scope(sources.text(inside), frame.line, {v["name"]: v["addr"] for v in raw.get("locals") or ()})
        above = thread["frames"][:depth]
        if all(f["filename"].endswith(LIBRARY_OF_LOCKS) and f["name"].endswith("__enter__") for f in above):
            wants = names.of(*lock) if (lock := wanted(scope)) else ""
        holds += [(names.of(key, text), Frame(inside, line, frame.function)) for key, text, line in held(scope)]
        frames.append(frame)
    return Stack(thread.get("thread_name") or "", tuple(frames[:MOST_FRAMES]), tuple(holds[:MOST_FRAMES]), wants)


def _plain(function: str) -> str:
    return "" if function.startswith("<") else function

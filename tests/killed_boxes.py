"""Starts boxes on a rung and ends whoever starts them, a little later each time; prints what is left of them.

    killed_boxes.py RUNG SIGNAL HOW_MANY SECONDS

The moments lie within the first SECONDS of a box. It is a program of its own because it forks: whoever starts a box is a
copy of it that has everything loaded, so that what is met is the start of the box and not that of an interpreter.
"""

import os
import select
import signal
import sys
import tempfile
import time
from pathlib import Path

from grader.stage import sandbox, staging
from grader.stage.box import Box

PATIENCE = 5


def start(rung, staged, ready, over):
    os.write(ready, b"!")
    box = Box(rung, staged, wait=False)
    os.read(over, 1)  # not a pause: a signal just before it would not be heard
    return box


def left(root):
    """The processes that were told of this folder, and where each waits."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if root.encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.append(f"{pid} in {Path(f'/proc/{pid}/wchan').read_text()}")
        except OSError:
            continue
    return found


def main(name, number, count, seconds):
    folder = Path(tempfile.mkdtemp())
    (folder / "server.py").write_text("print('hello')\n")
    staged, _ = staging.stage(folder)
    rung = sandbox.choose(staged, name).rung
    signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs this may have it ignored
    began, ready = os.pipe()
    for turn in range(count):
        over, ending = os.pipe()
        copy = os.fork()
        if not copy:
            os.close(ending)
            try:
                start(rung, staged, ready, over)
            finally:
                os._exit(0)
        os.read(began, 1)  # a signal that comes before it is awake is lost
        select.select([], [], [], seconds * turn / count)
        os.kill(copy, number)
        os.close(over)
        os.close(ending)
        os.waitpid(copy, 0)
    end = time.monotonic() + PATIENCE
    while (found := left(staged.root)) and time.monotonic() < end:
        select.select([], [], [], 0.02)
    for line in found:
        sys.stdout.write(f"left: {line}\n")
        os.kill(int(line.split()[0]), signal.SIGKILL)
    staging.remove(staged)
    (folder / "server.py").unlink()
    folder.rmdir()
    sys.stdout.write(f"{count} ended\n")


if __name__ == "__main__":
    main(sys.argv[1], signal.Signals[sys.argv[2]], int(sys.argv[3]), float(sys.argv[4]))

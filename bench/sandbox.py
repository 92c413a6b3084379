"""What the sandbox costs: the same server, started and ended plainly and in a box, taking turns in one run.

    python bench/sandbox.py --runs 20 --rung full

A submission  staging its folder, a box that is up, the box closed, the copy removed; plainly: the folder copied and removed.
A start       from the wish to the line that the server prints once it listens, and on until everything of it has ended and
              its files are gone; plainly: a process, that line, a kill. The box is up already, as it is in a grading.

The two sides take turns, so that a busy machine is busy for both: trust the ratios more than any time. The unit in which
they are given is the plain start of that server, a Python process. The exit code is 1 if the difference is larger than what a grading may wait for.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TREE = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TREE)]

from grader.stage import sandbox, staging  # noqa: E402 - the tree has to be found first
from grader.stage.box import Box  # noqa: E402
from grader.stage.place import interpreter  # noqa: E402
from grader.stage.server import environment  # noqa: E402

SERVER = """\
import socket, sys
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 0))
listener.listen()
print("up", flush=True)
sys.stdin.read()
"""
MOST = {"a submission": 100.0, "a start": 15.0}
"""Milliseconds that the sandbox may add."""


def plain_submission(folder):
    target = tempfile.mkdtemp()
    shutil.copytree(folder, f"{target}/copy")
    shutil.rmtree(target)


def boxed_submission(folder, rung):
    staged, _ = staging.stage(folder)
    with Box(rung, staged):
        pass
    staging.remove(staged)


def plain_start(folder):
    process = subprocess.Popen(
        [interpreter(), "server.py"], cwd=folder, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    process.stdout.readline()
    process.kill()
    process.communicate()


def boxed_start(box):
    out, inward = os.pipe()
    silent, held = os.pipe()
    _, pidfd = box.start(["python3", "server.py"], environment(), (silent, inward, inward))
    os.close(inward)
    os.read(out, 3)
    box.clear()
    for descriptor in (out, silent, held, pidfd):
        os.close(descriptor)


def timed(act, *given):
    began = time.perf_counter()
    act(*given)
    return (time.perf_counter() - began) * 1000


def measure(rung, runs):
    """Milliseconds of each act on each side."""
    taken = {what: ([], []) for what in MOST}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "server.py").write_text(SERVER)
        for _ in range(runs):
            taken["a submission"][0].append(timed(plain_submission, folder))
            taken["a submission"][1].append(timed(boxed_submission, Path(folder), rung))
        staged, _ = staging.stage(Path(folder))
        with Box(rung, staged) as box:
            for _ in range(runs):
                taken["a start"][0].append(timed(plain_start, folder))
                taken["a start"][1].append(timed(boxed_start, box))
        staging.remove(staged)
    return taken


def main():
    parser = argparse.ArgumentParser(description="What the sandbox adds to a submission and to the start of a server.")
    parser.add_argument("--runs", type=int, default=20, metavar="N", help="how often each act is done on each side")
    parser.add_argument("--rung", metavar="RUNG", help="which rung; without it the best that works here")
    asked = parser.parse_args()
    probe = staging.empty_staging()
    try:
        rung = sandbox.choose(probe, asked.rung).rung
    finally:
        staging.remove(probe)
    taken = measure(rung, max(1, asked.runs))
    who = "root" if os.geteuid() == 0 else "an ordinary user"
    print(
        f"sandbox {rung.name}, as {who}, {asked.runs} runs, {os.cpu_count()} processors, Python {sys.version.split()[0]}"
    )
    print(
        f"{'milliseconds':14}  {'plain':>8}  {'boxed':>8}  {'p90':>8}  {'added':>8}  {'ratio':>6}  {'in starts':>9}  {'may add':>8}"
    )
    worse = False
    unit = statistics.median(taken["a start"][0])
    for what, (plain, boxed) in taken.items():
        bare, full = statistics.median(plain), statistics.median(boxed)
        late = sorted(boxed)[int(len(boxed) * 0.9)]
        worse |= full - bare > MOST[what]
        print(
            f"{what:14}  {bare:8.1f}  {full:8.1f}  {late:8.1f}  {full - bare:8.1f}  {full / bare:6.1f}  "
            f"{(full - bare) / unit:9.2f}  {MOST[what]:8.0f}"
        )
    return worse


if __name__ == "__main__":
    sys.exit(main())

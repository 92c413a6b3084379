"""A class whose grading is killed again and again, beside one that nobody disturbs: the results must be the same.

    python bench/soak.py --count 200 --kills 10 -j 2

The class is the one of `class_run.py`, one in ten hangs or never starts. It is graded twice with `specs/chat.yaml`. The second
time, workers and what they are doing get SIGKILL at random moments, so many times; a few results later the grader gets it
too. Nothing that it started may outlive it. Then the same command is given again, and has to go on from what was kept.

Compared is how each check of each submission ended, and what it earned; servers that say of themselves that they are racy are
named and left out. Codes of findings that differ are shown, and cost nothing. The exit code is 0 if nothing differs, nothing was
lost, nothing was graded a second time without need, and no half-written file is left.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import class_run

TREE = class_run.TREE
CHAT = TREE / "specs" / "chat.yaml"
WORKER = "grader.course.worker"
RACY = "Race:"
"""Stands at the top of a server that fails now and then."""
ENDS = 30.0
"""Seconds in which everything has ended after the grader was killed; the kernel does it at once, on a busy machine not so soon."""

Told = dict[str, dict[str, tuple[str | None, float, tuple[str, ...]]]]


def racy(place):
    """Whether one of the files at the top of a submission says that it is."""
    return any(
        RACY in path.read_text(encoding="utf-8", errors="replace")[:600] for path in place.iterdir() if path.is_file()
    )


def command(folder, spec, out, jobs):
    words = ["--spec", str(spec), "--out", str(out), "--seed", "7", "-j", str(jobs), "--lang", "en"]
    return [sys.executable, "-m", "grader", str(folder), *words]


def told(out) -> Told:
    """How each check of each submission ended, what it earned, and the codes of what was found."""
    found: Told = {}
    for path in sorted(out.glob("*/results.json")):
        verdicts = json.loads(path.read_text(encoding="utf-8"))["verdicts"]
        found[path.parent.name] = {
            v["check"]: (v["outcome"], v["earned"], tuple(f["code"] for f in v.get("findings") or ())) for v in verdicts
        }
    return found


def children(pid):
    """The children of a process."""
    try:
        return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    except OSError:
        return []


def below(pid):
    """All processes below a process."""
    found = children(pid)
    for child in found:
        found += below(child)
    return found


def runs(pid, what):
    try:
        return what.encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


class Killer(threading.Thread):
    """Kills a worker, or what a worker is doing, so many times, evenly over the class as results come."""

    def __init__(self, grader, out, count, kills, seed):
        super().__init__()
        self.grader, self.out, self.count, self.kills = grader, out, count, kills
        self.chance = random.Random(seed)
        self.killed = 0

    def run(self):
        apart = max(1, self.count * 3 // 5 // (self.kills + 1))
        after = 1
        while self.grader.poll() is None and self.killed <= self.kills:
            done = len(list(self.out.glob("*/results.json")))
            if done >= after:
                if self.killed == self.kills:
                    return
                workers = [w for w in children(self.grader.pid) if runs(w, WORKER)]
                victims = [w for worker in workers for w in (worker, *[c for c in children(worker) if runs(c, WORKER)])]
                with contextlib.suppress(ProcessLookupError, IndexError):
                    os.kill(self.chance.choice(victims), signal.SIGKILL)
                    self.killed += 1
                    after = done + self.chance.randint(1, 2 * apart - 1)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.grader.wait(self.chance.uniform(0.02, 0.3))  # results come in between


def outlived(pids):
    """Those of these processes that have not ended in time."""
    left, until = [], time.monotonic() + ENDS
    for pid, handle in pids.items():
        if not select.select([handle], [], [], max(0.0, until - time.monotonic()))[0]:
            left.append(pid)
        os.close(handle)
    return left


def handles(pids):
    """A handle of each process that still lives, which can't come to mean another."""
    found = {}
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            found[pid] = os.pidfd_open(pid)
    return found


def disturbed(words, out, asked):
    """The grading that is killed. Returns how often, and the processes that outlived it."""
    with subprocess.Popen(words, cwd=TREE, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as grader:
        killer = Killer(grader, out, asked.count, asked.kills, asked.seed)
        killer.start()
        killer.join()
        started = handles(below(grader.pid))
        grader.kill()
    return killer.killed, outlived(started)


def differences(first: Told, second: Told, left_out):
    """What differs in substance, and what only in the codes of its findings."""
    hard, soft = [], []
    for place in sorted(first.keys() | second.keys()):
        one, other = first.get(place, {}), second.get(place, {})
        for check in one.keys() | other.keys():
            was, now = one.get(check), other.get(check)
            if was != now and place not in left_out:
                (hard if was is None or now is None or was[:2] != now[:2] else soft).append((place, check, was, now))
    return hard, soft


def graded(folder, out, asked):
    """The exit code of a grading that runs to its end."""
    words = command(folder, asked.spec, out, asked.jobs)
    return subprocess.run(words, cwd=TREE, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False).returncode


def soak(work, asked):
    folder, calm, out = work / "class", work / "calm", work / "disturbed"
    folder.mkdir()
    class_run.make(folder, asked.count)
    left_out = {place.name for place in folder.iterdir() if racy(place)}
    print(f"{asked.count} submissions, {len(left_out)} of them racy: {' '.join(sorted(left_out))}", flush=True)
    began = time.monotonic()
    code = graded(folder, calm, asked)
    print(f"undisturbed: {len(told(calm))} graded, exit code {code}, {time.monotonic() - began:.0f} s", flush=True)
    began = time.monotonic()
    killed, left = disturbed(command(folder, asked.spec, out, asked.jobs), out, asked)
    kept = {path: path.stat().st_mtime_ns for path in out.glob("*/results.json")}
    print(
        f"disturbed: {killed} workers and the grader killed, {len(kept)} kept, {time.monotonic() - began:.0f} s",
        flush=True,
    )
    began = time.monotonic()
    problems = {p for p, checks in told(out).items() if "grader-problem" in {o for o, *_ in checks.values()}}
    code = graded(folder, out, asked)
    print(f"once more: {len(told(out))} graded, exit code {code}, {time.monotonic() - began:.0f} s", flush=True)
    again = [
        p.parent.name for p, when in kept.items() if p.stat().st_mtime_ns != when and p.parent.name not in problems
    ]
    halves = [str(path) for path in out.glob("*/.*.*.*")]
    hard, soft = differences(told(calm), told(out), left_out)
    for what, wrong in (("outlived the grader", left), ("graded again without need", again), ("half-written", halves)):
        print(f"{what}: {wrong}")
    print(f"differ only in codes: {len(soft)}", *soft, sep="\n  ")
    print(f"differ: {len(hard)}", *hard, sep="\n  ")
    whole = len(told(out)) == len(told(calm)) == asked.count
    right = whole and killed == asked.kills and 0 < len(kept) < asked.count
    return 0 if right and not (hard or left or again or halves) else 1


def main():
    parser = argparse.ArgumentParser(description="A class whose grading is killed, beside one that is not.")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("-j", "--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=20261127)
    parser.add_argument("--spec", type=Path, default=CHAT)
    parser.add_argument("--keep", type=Path, help="a folder for the class and its results, instead of a temporary one")
    asked = parser.parse_args()
    if asked.keep:
        asked.keep.mkdir(parents=True)
        return soak(asked.keep, asked)
    with tempfile.TemporaryDirectory() as work:
        return soak(Path(work), asked)


if __name__ == "__main__":
    sys.exit(main())

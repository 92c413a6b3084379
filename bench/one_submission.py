"""One submission graded twice in one run: by `grade`, and by a script written the usual way. How much slower is that?

    python bench/one_submission.py --runs 3

A  `grade submissions/bruno/` as a whole: the start of the process, 24 checks with a fresh server each, the reference
   beside it (never cached), and the report written to a temporary folder.
B  The same 24 checks with the same traffic by `usual_way.py`: a fresh server each, sleeps and time limits. It has neither
   sandbox nor reference nor report.

The two take turns, so that a busy machine is busy for both. The exit code is 0 unless a side gets bruno wrong.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import usual_way

TREE = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TREE)]
from grader.stage.place import interpreter  # noqa: E402 - it is the tree's own that is measured

usual_way.PYTHON = interpreter()  # the one that the servers of A run with: another may take longer to start
NAMES = [check.__name__.replace("_", "-") for check in usual_way.CHECKS]


def grade():
    """Side A; returns the checks that did not pass."""
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-m", "grader", str(usual_way.SUBMISSION), "--out", out]
        done = subprocess.run(command, cwd=TREE, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        written = Path(out) / usual_way.SUBMISSION.name
        if done.returncode or not (written / "report.html").stat().st_size:
            return [f"exit code {done.returncode}: {done.stdout[-500:]} {done.stderr[-500:]}"]
        outcomes = {
            v["check"]: v["outcome"]
            for v in json.loads((written / "results.json").read_text(encoding="utf-8"))["verdicts"]
        }
    return [f"{name}: {outcomes.get(name)}" for name in NAMES if outcomes.get(name) != "passed"]


SIDES = {"A  grade": grade, "B  the usual way": usual_way.grade}


def main():
    parser = argparse.ArgumentParser(description="One submission, graded by `grade` and by a script full of sleeps.")
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="how often each side runs (default 3)")
    runs = max(1, parser.parse_args().runs)
    ids = re.findall(r"^  - id: (\S+)", (TREE / "specs" / "chat.yaml").read_text(encoding="utf-8"), re.MULTILINE)
    if ids != NAMES:
        print(
            "specs/chat.yaml and usual_way.py have different checks:",
            *sorted({*ids} ^ {*NAMES}) or ["in another order"],
        )
        return 1
    seconds = {side: [] for side in SIDES}
    wrong = []
    for number in range(1, runs + 1):
        for side, once in SIDES.items():
            began = time.perf_counter()
            failed = once()
            seconds[side].append(time.perf_counter() - began)
            wrong += [f"run {number}  {side}: {what}" for what in failed]
            print(f"run {number}  {side:16}  {seconds[side][-1]:7.2f} s{'  bruno failed' * bool(failed)}", flush=True)
    print(f"\n{len(NAMES)} checks, {runs} runs, {os.cpu_count()} processors, Python {sys.version.split()[0]}")
    print(f"{'seconds':16}  {'median':>7}  {'min':>7}  {'max':>7}")
    for side, taken in seconds.items():
        print(f"{side:16}  {statistics.median(taken):7.2f}  {min(taken):7.2f}  {max(taken):7.2f}")
    ours, theirs = (statistics.median(taken) for taken in seconds.values())
    print(f"{'B / A':16}  {theirs / ours:7.1f}")
    if wrong:
        print("\nbruno is right, and failed nevertheless:", *wrong, sep="\n  ")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())

"""Correct servers, graded again and again, idle and beside busy loops: how many checks fail that should not?

    python bench/stability.py --checks 30000
    python bench/stability.py --checks 2000 --load 4 --tally stability.jsonl

The servers are the reference and those that the spec calls good, `reference/variants/`: every style and language in which the course's chat has been
written right. Each is graded as a whole, with a new seed, as `grade prove` does it: without the reference beside it, so
that nothing is withdrawn and a false failure can't hide. Half of the checks run on the machine as it is, the other half
beside 2, 4 and 8 busy loops a core (`--load K`: all of them beside K). A check that fails, is unsteady or is blocked is
false; one that the grader itself could not do is counted apart. What was passed only when repeated is counted too: it
costs nobody a point, and tells how near it was.

With `--tally FILE` one line of JSON is appended for each load, and at the end the sums of all lines of the file are shown.
The exit code is 1 if anything failed that should not.
"""

import argparse
import contextlib
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from datetime import datetime
from pathlib import Path

from grader.course.proving import Proving
from grader.model import Outcome
from grader.spec.load import load
from grader.spec.proof import known_servers
from grader.words import Sentences

TREE = Path(__file__).resolve().parent.parent
LOADS = (0, 2, 4, 8)
FALSE = (Outcome.FAILED, Outcome.UNSTEADY, Outcome.BLOCKED)
SPIN = "import os\nparent = os.getppid()\nwhile os.getppid() == parent:\n    for _ in range(5_000_000): pass"
"""One that outlives whoever started it ends by itself."""


@contextlib.contextmanager
def beside(loops):
    """So many busy loops on every processor."""
    busy = [subprocess.Popen([sys.executable, "-c", SPIN]) for _ in range(loops * (os.cpu_count() or 1))]
    try:
        yield
    finally:
        for process in busy:
            process.kill()
        for process in busy:
            process.wait()


def graded(spec, servers, checks, loops, jobs, draw):
    """Counts of outcomes over at least so many checks, beside so many busy loops; each failure is printed when it is met."""
    counts = Counter()
    said = Sentences("en")

    def heard(trial):
        if trial.lacking:
            counts["left out"] += 1
            print(f"{trial.server}: left out, {trial.lacking} is not there", flush=True)
        for check, told in trial.told.items():
            counts["checks"] += 1
            counts["repeated"] += any(remark.code == "passed-when-repeated" for remark in told.remarks)
            if told.outcome is Outcome.PASSED:
                continue
            counts["false" if told.outcome in FALSE else "problems"] += 1
            why = said.of_finding(told.finding.code, "happened", dict(told.finding.facts)) if told.finding else ""
            print(
                f"load {loops}  {trial.server}  {check}: {told.outcome}, on {told.evidence}, seed {trial.seed}. {why}",
                flush=True,
            )

    began = time.monotonic()
    with beside(loops):
        while counts["checks"] < checks:
            seeds = [draw.randrange(1, 1 << 30)]
            before = counts["checks"]
            Proving(spec, servers, seeds, jobs, heard).run()
            if counts["checks"] == before:
                raise SystemExit("nothing could be tried")
    return counts, time.monotonic() - began


def shown(loops, counts, seconds):
    """One row of the table."""
    checks, false = counts["checks"], counts["false"]
    print(
        f"{f'{loops} a core' if loops else 'none':>10} {checks:8} {false:6} {1e4 * false / max(1, checks):10.1f}"
        f" {counts['problems']:9} {counts['repeated']:9} {seconds:8.0f}",
        flush=True,
    )


def heading():
    print(
        f"{'busy loops':>10} {'checks':>8} {'false':>6} {'in 10,000':>10} {'problems':>9} {'repeated':>9} {'seconds':>8}"
    )


def append(tally, loops, counts, seconds):
    """Keep what was counted."""
    row = {
        "at": datetime.now().astimezone().isoformat(timespec="seconds"),
        "load": loops,
        "processors": os.cpu_count(),
        "python": sys.version.split()[0],
        "seconds": round(seconds, 1),
        **{name: counts[name] for name in ("checks", "false", "problems", "repeated")},
    }
    with tally.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")


def sums(tally):
    """All that a tally holds, by load."""
    rows = [json.loads(line) for line in tally.read_text(encoding="utf-8").splitlines()]
    print(f"\nAll {len(rows)} lines of {tally}:")
    heading()
    for loops in sorted({row["load"] for row in rows}):
        own = [row for row in rows if row["load"] == loops]
        counts = Counter({name: sum(row[name] for row in own) for name in ("checks", "false", "problems", "repeated")})
        shown(loops, counts, sum(row["seconds"] for row in own))


def main():
    parser = argparse.ArgumentParser(description="How many checks do correct servers fail?")
    parser.add_argument("--checks", type=int, default=30_000, metavar="N", help="at least so many (default 30000)")
    parser.add_argument("--spec", type=Path, default=TREE / "specs" / "chat.yaml", help="another spec")
    parser.add_argument("--load", type=int, metavar="K", help="all of them beside K busy loops a core; 0: beside none")
    parser.add_argument(
        "--only", action="append", default=[], metavar="SERVER", help="this server only; may be repeated"
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="servers side by side")
    parser.add_argument("--seed", type=int, metavar="N", help="of the seeds (default: the time)")
    parser.add_argument(
        "--tally", type=Path, metavar="FILE", help="append what was counted to this file, and sum it up"
    )
    asked = parser.parse_args()
    spec = load(asked.spec)
    servers = [s for s in known_servers(spec) if s.good and (not asked.only or s.name in asked.only)]
    seed = time.time_ns() if asked.seed is None else asked.seed
    draw = random.Random(seed)
    if asked.load is not None:
        shares = {asked.load: asked.checks}
    else:
        shares = {loops: asked.checks // 6 if loops else asked.checks // 2 for loops in LOADS}
    print(f"{len(servers)} correct servers, {len(spec.checks)} checks each, {os.cpu_count()} processors, seed {seed}")
    rows = {}
    for loops, checks in shares.items():
        rows[loops] = graded(spec, servers, checks, loops, asked.jobs, draw)
        if asked.tally:
            append(asked.tally, loops, *rows[loops])
    heading()
    for loops, (counts, seconds) in rows.items():
        shown(loops, counts, seconds)
    if asked.tally:
        sums(asked.tally)
    return any(counts["false"] or counts["problems"] or counts["left out"] for counts, _ in rows.values())


if __name__ == "__main__":
    sys.exit(main())

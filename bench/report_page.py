"""How long does it take to draw a page from results, beside only reading the same file as JSON?

    python bench/report_page.py --runs 20 [results.json ...]

In this process, warm, the steps take turns so that a busy machine is busy for all of them:

    json     `json.loads` of the file: what nobody who draws from it can do without
    load     the grade read back from the file, `json.loads` included
    page     the student's page drawn from the grade: views, sentences, drawings, HTML
    and every other report that needs no list of a course

In processes of their own, as one meets it: `grade report FILE --to html` beside `python -m json.tool FILE`.

With `--class`, last, a class of 200 as `grade report` meets it: every file read, its page drawn, and the page of the class from
all of them (the given files in turn), one after the other in this process.

Two clocks are shown: the wall's, the median of all runs, and the processor's, the least of them, which is what the work costs
whoever else is at work. Without a file, alice is graded first. The goal is a page in under 150 ms from its file, and 200 of
them in under 15 s: exit code 1 when the processor time misses it.
"""

import argparse
import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TREE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TREE))

from grader import results  # noqa: E402
from grader.model import ClassRun, Cohort, Member, bare  # noqa: E402
from grader.report.cohort.page import class_page  # noqa: E402
from grader.report.html import student_page  # noqa: E402
from grader.report.registry import REPORTS, Order, Roster, draw  # noqa: E402
from grader.report.rendering import warm  # noqa: E402

GOAL_PAGE, GOAL_CLASS, CLASS = 0.150, 15.0, 200


def graded(folder):
    """The results of alice, graded now."""
    command = [sys.executable, "-m", "grader", "submissions/alice", "--out", folder]
    subprocess.run(command, cwd=TREE, capture_output=True, stdin=subprocess.DEVNULL, check=True)
    return Path(folder, "alice", "results.json")


def taken(step):
    """Wall and processor time of one step."""
    wall, own = time.perf_counter(), time.process_time()
    step()
    return time.perf_counter() - wall, time.process_time() - own


def steps(text):
    """What is measured, by name."""
    grade = results.load(text)
    order = Order("en", incomplete=True)
    others = [n for n in REPORTS if REPORTS.get(n).roster is not Roster.MUST and n not in ("html", "moodle")]
    return {
        "json": lambda: json.loads(text),
        "load": lambda: results.load(text),
        "page": lambda: student_page(grade, "en"),
        **{f"--to {name}": (lambda name=name: draw(name, [grade], order)) for name in others},
    }


def process(*argv):
    """The wall time of a process."""
    began = time.perf_counter()
    subprocess.run([sys.executable, *argv], cwd=TREE, capture_output=True, stdin=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def measure(path, runs, folder):
    """One file: prints its table; returns the processor time from file to page."""
    text = path.read_text(encoding="utf-8")
    named = steps(text)
    measured = {name: [] for name in named}
    for _ in range(runs):
        for name, step in named.items():
            step()  # memory and caches are warm for all alike
            gc.collect()  # and each pays for its own garbage only
            measured[name].append(taken(step))
    wall, own = (
        {n: statistics.median(pair[k] for pair in pairs) * 1000 for n, pairs in measured.items()} for k in (0, 1)
    )
    for clock in (wall, own):
        clock["load + page"] = clock["load"] + clock["page"]
    page = len(student_page(results.load(text), "en").encode())
    print(f"\n{path}  {len(text.encode()) / 1024:.0f} KB, page {page / 1024:.0f} KB")
    print(f"{'ms':15} {'wall':>8} {'own':>8} {'own / json':>11}")
    for name in wall:
        print(f"{name:15} {wall[name]:8.1f} {own[name]:8.1f} {own[name] / own['json']:11.2f}")
    pairs = [("grade report", ("-m", "grader", "report", str(path), "--to", "html", "--out", f"{folder}/x.html")),
             ("json.tool", ("-m", "json.tool", str(path), f"{folder}/x.json"))]  # fmt: skip
    walls = {name: statistics.median(process(*argv) for _ in range(3)) for name, argv in pairs}
    print(f"as a process: grade report {walls['grade report']:.2f} s, json.tool {walls['json.tool']:.2f} s")
    return own["load + page"] / 1000


def whole_class(paths):
    """200 pages from their files, and the page of the class; returns the processor time of all."""
    members = []

    def draw_all():
        for n in range(CLASS):
            grade = results.load(paths[n % len(paths)].read_text(encoding="utf-8"))
            student_page(grade, "en")
            members.append(Member(f"s{n}", bare(grade)))

    wall, own = taken(draw_all)
    first = members[0].grade
    run = ClassRun(first.run.started, 0.0, 1, ())
    checks = tuple(v.check for v in first.verdicts)
    made = Cohort(first.spec_id, first.spec_title, first.spec_digest, "en", checks, tuple(members), run)
    page_wall, page_own = taken(lambda: class_page(made, "en"))
    print(
        f"\na class of {CLASS}: pages {wall:.1f} s ({own:.1f} own), class page {page_wall:.2f} s ({page_own:.2f} own)"
    )
    return own + page_own


def main():
    parser = argparse.ArgumentParser(description="Drawing a page from results, beside reading the same file.")
    parser.add_argument("results", nargs="*", type=Path)
    parser.add_argument("--runs", type=int, default=20, metavar="N", help="how often each step runs (default 20)")
    parser.add_argument("--class", action="store_true", dest="whole", help="also draw a class of 200, page by page")
    given = parser.parse_args()
    gc.set_threshold(100_000, 20, 100)  # as `grade` does
    with tempfile.TemporaryDirectory() as folder:
        paths = [path.resolve() for path in given.results] or [graded(folder)]
        warm()
        print(f"{given.runs} runs, {os.cpu_count()} processors, Python {sys.version.split()[0]}")
        found = [measure(path, max(1, given.runs), folder) for path in paths]
        whole = whole_class(paths) if given.whole else 0.0
    slowest, average = max(found), statistics.mean(found)
    print(f"\nfrom file to page: {slowest * 1000:.0f} ms (goal {GOAL_PAGE * 1000:.0f}), ", end="")
    print(f"{CLASS} of them: {average * CLASS:.1f} s (goal {GOAL_CLASS:.0f})")
    return int(slowest > GOAL_PAGE or average * CLASS > GOAL_CLASS or whole > GOAL_CLASS)


if __name__ == "__main__":
    sys.exit(main())

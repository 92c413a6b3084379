"""A class graded by `grade submissions/`, beside the usual way on a sample of it and beside the floor, all in one run.

    python bench/class_run.py --count 200 -j 2 --sample 48

The class is made of the sample students, the variants and the mutants of the reference, each copy with a line of its own so
that no two are alike; every tenth hangs or never starts. All are graded with `specs/chat.yaml`.

A  `grade` on the whole class: sandbox, reference, all attempts, recorded runs, results and pages.
B  `usual_way.py` on a sample, as many at a time, scaled up by the number of submissions. It grades Python only, so its sample is
   of Python: of those that hang or never start one of each kind, of the others some at equal distances; each of the two groups
   counts as much as it does in the class. Nobody is left waiting at the end: what counts is the sum of what each one took.
C  The floor: what nobody can save. For each attempt that A made, a bare server is started, without a sandbox, and the check's
   messages are exchanged with no waiting at all, as many at a time; measured for each language on a correct server of it, since a
   Java machine starts in another time than Python does. Builds are added, and A's recorded runs.

Printed are minutes, processor time and memory of A, B / A and A / C. The exit code is 0 if B / A is 10 at least and A / C is
1.5 at most. On a machine that does other things meanwhile the quotients mean little.
"""

import argparse
import json
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import usual_way

TREE = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TREE)]
from grader.stage.place import interpreter  # noqa: E402 - it is the tree's own that is measured

usual_way.PYTHON = interpreter()  # the one that the servers of A run with: another may take longer to start
NEEDED = {".py": "python3", ".c": "gcc", ".java": "javac", ".js": "node"}
NAMES = {".py": "server.py", ".c": "server.c", ".java": "Server.java", ".js": "server.js"}
BARE = {
    ".py": ("chat_server.py", "", [interpreter(), "server.py"]),
    ".c": ("variants/c-threads.c", "gcc -O1 -pthread -o server server.c", ["./server"]),
    ".java": (
        "variants/java-threads.java",
        "javac Server.java",
        ["java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "Server"],
    ),
    ".js": ("variants/node.js", "", ["node", "server.js"]),
}
"""For each language: a correct server, how it is built, and how it is started."""
STARTS = {
    ".c": 'build: "gcc -O1 -pthread -o server server.c"\nrun: "./server <port>"\n',
    ".java": 'build: "javac Server.java"\nrun: "java -Xshare:auto -XX:TieredStopAtLevel=1 Server <port>"\n',
    ".js": 'run: "node server.js <port>"\n',
}
NEVER = {
    "exits": "import sys\nsys.exit('no')\n",
    "waits": "import threading\nthreading.Event().wait()\n",
    "spins": "import socket, sys\ns = socket.create_server(('127.0.0.1', int(sys.argv[1])))\nwhile True:\n    pass\n",
    "input": "input('port? ')\n",
}
BEYOND, ABOVE = 10.0, 1.5


def make(folder, count):
    """The class; returns the folders of those that are a single Python file, for side B."""
    sources = [p for p in sorted((TREE / "submissions").iterdir()) if p.is_dir()]
    for kind in ("variants", "mutants"):
        sources += [p for p in sorted((TREE / "reference" / kind).iterdir()) if shutil.which(NEEDED.get(p.suffix, "?"))]
    # Thirty-seven steps at a time: a small class is mixed like a large one.
    order = [sources[n * 37 % len(sources)] for n in range(len(sources))] if len(sources) % 37 else sources
    for number in range(count):
        place = folder / f"s{number:03}"
        if hangs(place):
            place.mkdir()
            (place / "server.py").write_text([*NEVER.values()][number // 10 % len(NEVER)], encoding="utf-8")
        else:
            source = order[(number - number // 10) % len(order)]
            if source.is_dir():
                shutil.copytree(source, place, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                place.mkdir()
                shutil.copyfile(source, place / NAMES[source.suffix])
                if source.suffix in STARTS:
                    (place / "submission.yaml").write_text(STARTS[source.suffix], encoding="utf-8")
        (place / "copy.txt").write_text(f"{number}\n", encoding="utf-8")
    return [p for p in sorted(folder.iterdir()) if (p / "server.py").is_file()]


class Memory:
    """The least memory that was free while something ran, in MB below what was free before."""

    def __enter__(self):
        self.before = self.least = self.free()
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.look)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()

    def look(self):
        while not self.over.wait(0.25):
            self.least = min(self.least, self.free())

    @staticmethod
    def free():
        return int(re.search(r"MemAvailable:\s+(\d+)", Path("/proc/meminfo").read_text(encoding="ascii"))[1]) / 1024


def side_a(folder, out, jobs):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    command = [
        sys.executable,
        "-m",
        "grader",
        str(folder),
        "--spec",
        str(TREE / "specs" / "chat.yaml"),
        "--out",
        str(out),
        "-j",
        str(jobs),
    ]
    with Memory() as memory, (out.parent / "said.txt").open("w", encoding="utf-8") as said:
        code = subprocess.run(command, cwd=TREE, stdin=subprocess.DEVNULL, stdout=said, check=False).returncode
    seconds = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, cpu, memory.before - memory.least, code


def language(place):
    """The ending of what a submission's server is written in."""
    return next((suffix for suffix, name in NAMES.items() if suffix != ".py" and (place / name).is_file()), ".py")


def attempts(work, out):
    """How often each check was run in A for each language, how many submissions are of each, and the seconds of recorded runs."""
    times, many, recorded, wrong = {}, {}, 0.0, []
    for path in sorted(out.glob("*/results.json")):
        plain = json.loads(path.read_text(encoding="utf-8"))
        suffix, runs = language(work / path.parent.name), set()
        many[suffix] = many.get(suffix, 0) + 1
        for verdict in plain["verdicts"]:
            key = suffix, verdict["check"]
            times[key] = times.get(key, 0) + len(verdict["attempts"])
            note = verdict["recorder"] or {}
            runs.add((note.get("calls", 0), note.get("seconds", 0.0)))  # one run tells of several checks
            if verdict["outcome"] == "grader-problem":
                wrong.append(
                    f"{plain['submission']['name']} {verdict['check']} {[f['code'] for f in verdict['findings']]}"
                )
        recorded += sum(seconds for _, seconds in runs)
    return times, many, recorded, wrong


def at_a_time(jobs, commands):
    """Run commands, so many at a time; what each printed, and the seconds that it took."""

    def one(command):
        began = time.perf_counter()
        said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        return said, time.perf_counter() - began

    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(one, commands))


def sample_of(python, many):
    """Of the Python submissions some that do nothing, one of each kind, and so many others at equal distances."""
    bad = [p for p in python if hangs(p)][: len(NEVER)]
    good = [p for p in python if not hangs(p)]
    left = min(len(good), max(1, many - len(bad)))
    return bad, [good[n * len(good) // left] for n in range(left)]


def hangs(place):
    return int(place.name[1:]) % 10 == 9


def one_the_usual_way(folder):
    usual_way.SUBMISSION = Path(folder)
    print(json.dumps(usual_way.grade()))


def one_bare(folder):
    """Every check once on a bare server, with no waiting: the seconds of each."""
    command = BARE[language(Path(folder))][2]

    def start(self):
        self.process = subprocess.Popen(
            [*command, str(self.port)],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        listens = re.compile(rf":{self.port:04X} [0-9A-F:]+ 0A ")
        lists = [Path("/proc/net/tcp"), Path("/proc/net/tcp6")]
        while not any(listens.search(x.read_text(encoding="ascii")) for x in lists):
            time.sleep(0.0005)

    usual_way.SUBMISSION = Path(folder)
    usual_way.Server.start = start
    usual_way.START = usual_way.SILENCE = usual_way.PIECE = 0.0
    seconds = {}
    for check in usual_way.CHECKS:
        began = time.perf_counter()
        server = usual_way.Server()
        try:
            check(server)
        except (AssertionError, OSError, subprocess.TimeoutExpired):
            pass  # without any silence some things are asked too early; the messages have gone all the same
        finally:
            server.kill()
        seconds[check.__name__.replace("_", "-")] = time.perf_counter() - began
    print(json.dumps(seconds))


def floor(work, times, many, passes, jobs):
    """Seconds, on one processor, of these attempts and builds on bare servers."""
    seconds = 0.0
    for suffix, count in many.items():
        source, build, _ = BARE[suffix]
        bare = work / suffix[1:]
        bare.mkdir()
        shutil.copyfile(TREE / "reference" / source, bare / NAMES[suffix])
        began = time.perf_counter()
        if build:
            subprocess.run(build, shell=True, cwd=bare, check=True)
            seconds += count * (time.perf_counter() - began)
        me = [sys.executable, str(Path(__file__).resolve())]
        said = at_a_time(jobs, [[*me, "--bare", str(bare)]] * passes)
        each = [json.loads(text) for text, _ in said if text.strip()]
        for (of, check), often in times.items():
            if of == suffix:
                # The median: a bare run that asked too early waits for a time limit, and that is no part of the floor.
                seconds += often * statistics.median(p.get(check, 0.0) for p in each)
    return seconds


def main():
    parser = argparse.ArgumentParser(description="A class graded by `grade`, by the usual way, and at the floor.")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("-j", "--jobs", type=int, default=2)
    parser.add_argument("--sample", type=int, default=48, help="submissions for the usual way")
    parser.add_argument("--passes", type=int, default=6, help="passes of the floor")
    parser.add_argument("--usual", help=argparse.SUPPRESS)
    parser.add_argument("--bare", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.usual:
        return one_the_usual_way(asked.usual)
    if asked.bare:
        return one_bare(asked.bare)
    me = [sys.executable, str(Path(__file__).resolve())]
    with tempfile.TemporaryDirectory() as folder:
        work, out = Path(folder) / "class", Path(folder) / "reports"
        work.mkdir()
        python = make(work, asked.count)
        a, cpu, memory, code = side_a(work, out, asked.jobs)
        times, many, recorded, wrong = attempts(work, out)
        done = len(list(out.glob("*/results.json")))
        print(
            f"A  grade            {a / 60:7.2f} min   {cpu:.0f} s of processor, {memory:.0f} MB, {done} of {asked.count} graded, exit code {code}",
            flush=True,
        )
        bad, good = sample_of(python, asked.sample)
        took = [seconds for _, seconds in at_a_time(asked.jobs, [[*me, "--usual", str(p)] for p in (*bad, *good)])]
        idle, busy = took[: len(bad)], took[len(bad) :]
        hanging = asked.count // 10
        b = hanging * statistics.mean(idle or busy) + (asked.count - hanging) * statistics.mean(busy)
        b /= asked.jobs
        print(
            f"B  the usual way    {b / 60:7.2f} min   by {len(took)}: {statistics.mean(busy):.1f} s each"
            f" ({min(busy):.0f} to {max(busy):.0f}), those that hang or never start {statistics.mean(idle or busy):.1f} s",
            flush=True,
        )
        bare = Path(folder) / "bare"
        bare.mkdir()
        c = (floor(bare, times, many, asked.passes, asked.jobs) + recorded) / asked.jobs
        print(
            f"C  the floor        {c / 60:7.2f} min   {sum(times.values())} attempts, {recorded:.0f} s of recorded runs"
        )
        print(f"\nB / A {b / a:.1f}   A / C {a / c:.2f}   {os.cpu_count()} processors, Python {sys.version.split()[0]}")
        if wrong:
            print("grader problems:", *wrong[:20], sep="\n  ")
    return 0 if not wrong and done == asked.count and b / a >= BEYOND and a / c <= ABOVE else 1


if __name__ == "__main__":
    sys.exit(main())

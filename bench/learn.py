"""How long is it until it is known how a server talks?

    python bench/learn.py                      every server of tests/dialects
    python bench/learn.py prompt_name.py       some of them

For each: seconds on the wall, seconds of processor (the grader's and the server's together), and how often the server
was started. At the end, how many took longer than three seconds. Run it on a machine that does nothing else: the wall
counts what others took, too, and a server that is started fifteen times needs its starts.
"""

import argparse
import os
import shutil
import subprocess
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from grader.course import learning
from grader.model import ANYWHERE, Command
from grader.stage import sandbox, staging
from grader.stage.build import build

SERVERS = Path(__file__).resolve().parent.parent / "tests" / "dialects"
LIMIT = 3.0
SEED = 7
COMMANDS = {
    ".py": ("server.py", "python3 server.py", None),
    ".c": ("server.c", "./server", "gcc -O1 -pthread -o server server.c"),
    ".java": ("Server.java", "java -Xshare:auto -XX:TieredStopAtLevel=1 Server", "javac Server.java"),
    ".js": ("server.js", "node server.js", None),
}


def measured(path):
    """Seconds on the wall and of processor, the dialect, and what it is instead."""
    name, run, made = COMMANDS[path.suffix]
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(path, Path(folder) / name)
        for beside in (path.parent / f"{path.stem}.files").glob("*"):
            shutil.copy(beside, folder)
        staged, _ = staging.stage(Path(folder))
        try:
            rung = sandbox.choose(staged).rung
            if made and build(made, rung, staged).status:
                raise SystemExit(f"{path.name} does not build")
            wall, processor = time.monotonic(), sum(os.times()[:4])
            learned, instead = learning.learn(staged, rung, replace(Command(run, any_port=True), host=ANYWHERE), SEED)
            return time.monotonic() - wall, sum(os.times()[:4]) - processor, learned, instead
        finally:
            staging.remove(staged)


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("only", nargs="*", help="names of servers")
    only = options.parse_args().only
    paths = sorted(p for p in SERVERS.iterdir() if p.suffix in COMMANDS and (not only or p.name in only))
    tools = {".c": "gcc", ".java": "javac", ".js": "node"}
    print(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors, {subprocess.getoutput('uname -r')}")
    print(f"{'server':20} {'wall':>6} {'proc':>6} {'starts':>6}  learned")
    late, walls = [], []
    for path in paths:
        if path.suffix in tools and shutil.which(tools[path.suffix]) is None:
            print(f"{path.name:20} {tools[path.suffix]} is not here")
            continue
        wall, processor, learned, instead = measured(path)
        walls.append(wall)
        late += [path.name] if wall > LIMIT else []
        found = instead.code if instead else learned.family
        print(f"{path.name:20} {wall:6.2f} {processor:6.2f} {learned.starts:6}  {found}", flush=True)
    walls.sort()
    print(f"{len(walls)} servers, median {walls[len(walls) // 2]:.2f} s, longest {walls[-1]:.2f} s")
    print(f"{len(late)} took longer than {LIMIT:.0f} s: {', '.join(late) or 'none'}")


if __name__ == "__main__":
    main()

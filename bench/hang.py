"""A message that never comes: how long until that is certain?

    python bench/hang.py --runs 15

A  the time from the last thing a client sent to the verdict of `grade`, on servers that accept, read, and never answer.
B  the usual way on the same servers: a socket with a time limit of 5 s, until it raises.

At the end, whole submissions are graded: one that does everything right, and some that fail nearly each check. One lets
everybody in and then says nothing any more, one serves a single client, one says everything in other words. They take
turns, so that a busy machine is busy for all; each may take three times as long as the one that is right.
"""

import argparse
import contextlib
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from stand import stand

from grader.model import Kind

TREE = Path(__file__).resolve().parent.parent
LIMIT = 5.0
HEAD = """
import collections, select, selectors, socket, sys, threading, time
server = socket.create_server(("127.0.0.1", int(sys.argv[1])), reuse_port=False)
"""
SERVERS = {
    "threads": HEAD + """
def serve(sock):
    while sock.recv(4096):
        pass
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
""",
    "selectors": HEAD + """
chosen = selectors.DefaultSelector()
chosen.register(server, selectors.EVENT_READ)
while True:
    for key, _ in chosen.select():
        if key.fileobj is server:
            chosen.register(server.accept()[0], selectors.EVENT_READ)
        elif not key.fileobj.recv(4096):
            chosen.unregister(key.fileobj)
""",
    "deadlock": HEAD + """
here = threading.Lock()
here.acquire()
def serve(sock):
    sock.recv(4096)
    with here:
        sock.sendall(b"?")
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
""",
    "one at a time": HEAD + """
while True:
    sock = server.accept()[0]
    while sock.recv(4096):
        pass
""",
    "settimeout 0.2 s": HEAD + """
def serve(sock):
    sock.settimeout(0.2)
    while True:
        try:
            if not sock.recv(4096):
                return
        except TimeoutError:
            pass
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
""",
    "busy loop": HEAD + """
server.setblocking(False)
socks = []
while True:
    try:
        socks.append(server.accept()[0])
    except BlockingIOError:
        pass
    for sock in select.select(socks, [], [], 0)[0]:
        sock.recv(4096)
""",
}  # fmt: skip
STRICT = ("threads", "selectors", "deadlock", "one at a time")
MUTE = """
import socket, sys, threading
def serve(sock):
    sock.sendall(b"name?\\n")
    name = sock.recv(65536).strip()
    sock.sendall(b"welcome " + name + b"\\n")
    while sock.recv(65536):
        pass
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
"""


ALONE = """
import socket, sys
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    sock, _ = server.accept()
    sock.sendall(b"name?\\n")
    name = sock.recv(65536).strip()
    sock.sendall(b"welcome " + name + b"\\n")
    while sock.recv(65536):
        pass
    sock.close()
"""
OTHER_WORDS = """
import socket, sys, threading
socks = []
def serve(sock):
    sock.sendall(b"name?\\n")
    lines = sock.makefile("rb")
    sock.sendall(b"welcome " + lines.readline().strip() + b"\\n")
    socks.append(sock)
    for line in lines:
        for other in socks:
            other.sendall(b"somebody said " + line)
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
"""
FAILING = {"says nothing": MUTE, "serves one": ALONE, "other words": OTHER_WORDS}
MOST = 3.0


def ours(perform, name):
    """Seconds from the last act to the end of the wait."""
    judged = perform(f"python3 {name} <port>", "ana > hola\nbeto < hola", ["ana", "beto"])
    codes = [f.code for f in judged.findings]
    if codes not in (["never-came"], ["not-accepted"]):
        raise SystemExit(f"{name}: {codes}")
    events = judged.transcript.events
    sent = max(e.t for e in events if e.kind is Kind.SENT)
    return next(e.t for e in events if e.kind is Kind.WAITED and e.t > sent) - sent


def usual(source):
    """Seconds until a socket with a time limit has given up."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-c", source, str(port)])
    try:
        with contextlib.ExitStack() as held:
            while True:
                with contextlib.suppress(ConnectionRefusedError):
                    ana, beto = (held.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in "ab")
                    break
            beto.settimeout(LIMIT)
            ana.sendall(b"hola\n")
            began = time.perf_counter()
            with contextlib.suppress(TimeoutError):
                beto.recv(4096)
            return time.perf_counter() - began
    finally:
        server.kill()
        server.wait()


def graded(folder):
    """Seconds that a whole submission takes, and what it got."""
    with tempfile.TemporaryDirectory() as out:
        began = time.perf_counter()
        command = [sys.executable, "-m", "grader", str(folder), "--spec", str(TREE / "specs/chat.yaml"), "--out", out]
        subprocess.run(command, cwd=TREE, capture_output=True, stdin=subprocess.DEVNULL, check=False)
        seconds = time.perf_counter() - began
        results = json.loads((Path(out) / Path(folder).name / "results.json").read_text(encoding="utf-8"))
    return seconds, sum(v["earned"] for v in results["verdicts"])


def main():
    parser = argparse.ArgumentParser(description="How long until it is certain that a message never comes?")
    parser.add_argument(
        "--runs", type=int, default=15, metavar="N", help="of A, for each server (default 15; B runs once)"
    )
    parser.add_argument(
        "--grades", type=int, default=3, metavar="N", help="how often each submission is graded (default 3)"
    )
    asked = parser.parse_args()
    runs = asked.runs
    strict = []
    print(f"{'milliseconds':20} {'A median':>9} {'A max':>8} {'B':>8} {'B / A':>7}")
    with stand({f"server{n}.py": source for n, source in enumerate(SERVERS.values())}) as perform:
        for number, (name, source) in enumerate(SERVERS.items()):
            times = [ours(perform, f"server{number}.py") for _ in range(runs)]
            limit, middle = usual(source), statistics.median(times)
            strict += times if name in STRICT else []
            print(
                f"{name:20} {middle * 1e3:9.1f} {max(times) * 1e3:8.1f} {limit * 1e3:8.0f} {limit / middle:7.0f}",
                flush=True,
            )
    print(f"\n{'strict servers':20} {statistics.median(strict) * 1e3:9.1f} ms is the median (aim: under 50 ms)")
    ratios = side_by_side(max(1, asked.grades))
    print(f"the longest takes {max(ratios):.2f} times as long as the one that is right (aim: at most {MOST:.0f})")
    return max(ratios) > MOST


def side_by_side(rounds):
    """Print what each submission took; how many times as long as the right one the failing ones took."""
    with tempfile.TemporaryDirectory() as place:
        folders = {"all right": TREE / "submissions" / "bruno"}
        for name, source in FAILING.items():
            folders[name] = Path(place) / name.replace(" ", "-")
            folders[name].mkdir()
            (folders[name] / "server.py").write_text(source, encoding="utf-8")
        taken = [{name: graded(folder) for name, folder in folders.items()} for _ in range(rounds)]
    print(f"\n{'a whole grading':20} {'points':>9} {'seconds':>8} {'ratio':>8}")
    ratios = {name: statistics.median(t[name][0] / t["all right"][0] for t in taken) for name in folders}
    for name in folders:
        seconds = statistics.median(t[name][0] for t in taken)
        print(f"{name:20} {taken[0][name][1]:9.0f} {seconds:8.2f} {ratios[name]:8.2f}", flush=True)
    return [ratios[name] for name in FAILING]


if __name__ == "__main__":
    sys.exit(main())

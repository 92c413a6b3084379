"""A message that never comes: how long until that is certain?

    python bench/hang.py --runs 15

A  the time from the last thing a client sent to the verdict of `grade`, on servers that accept, read, and never answer.
B  the usual way on the same servers: a socket with a time limit of 5 s, until it raises.

At the end, two whole submissions are graded: one that does everything right, and one that lets everybody in and then says
nothing any more, so that nearly each check fails. The second may take three times as long as the first.
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
    runs = parser.parse_args().runs
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
    with tempfile.TemporaryDirectory() as folder:
        mute = Path(folder) / "mute"
        mute.mkdir()
        (mute / "server.py").write_text(MUTE, encoding="utf-8")
        good, bad = graded(TREE / "submissions" / "bruno"), graded(mute)
    print(f"\nall right ({good[1]:.0f} points) {good[0]:.2f} s, says nothing ({bad[1]:.0f} points) {bad[0]:.2f} s")
    print(f"ratio {bad[0] / good[0]:.2f} (aim: at most 3)")
    return 0


if __name__ == "__main__":
    sys.exit(main())

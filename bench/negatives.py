"""A proof of silence is worth what it misses: how many late faults does it miss?

    python bench/negatives.py --trials 300

The server passes on each line and, some time later, sends it once more: from a timer thread, from the time limit of a
`select`, or from a thread that sleeps. The delay is drawn anew for each trial, from 1 ms to 900 ms (the horizon is 1 s).
"beto (nothing)" must catch every one of them. Beside it stands what a script does that reads until nothing has come for
a fixed time: how many of the same delays would it have missed?
"""

import argparse
import random
import sys
import time

from stand import stand

HEAD = """
import select, socket, sys, threading, time
port, way, delay = int(sys.argv[1]), sys.argv[2], float(sys.argv[3])
here, clients = threading.Lock(), []
def relay(author, line):
    with here:
        for other in clients:
            if other is not author:
                other.sendall(line)
def once_more(author, line):
    time.sleep(delay)
    relay(author, line)
server = socket.create_server(("127.0.0.1", port))
"""
THREADS = (
    HEAD
    + """
def serve(sock):
    for line in sock.makefile("rb"):
        relay(sock, line)
        if way == "timer":
            threading.Timer(delay, relay, (sock, line)).start()
        else:
            threading.Thread(target=once_more, args=(sock, line)).start()
while True:
    newcomer, _ = server.accept()
    with here:
        clients.append(newcomer)
    threading.Thread(target=serve, args=(newcomer,), daemon=True).start()
"""
)
SELECT = (
    HEAD
    + """
due = None
while True:
    ready, _, _ = select.select([server, *clients], [], [], None if due is None else max(0, due[0] - time.monotonic()))
    if due is not None and time.monotonic() >= due[0]:
        _, author, line = due
        due = None
        relay(author, line)
    for sock in ready:
        if sock is server:
            clients.append(server.accept()[0])
        elif line := sock.recv(4096):
            relay(sock, line)
            due = time.monotonic() + delay, sock, line
        else:
            clients.remove(sock)
"""
)
WAYS = {"timer": "threads.py", "sleep": "threads.py", "select": "select_loop.py"}
FIXED = (0.05, 0.2, 0.5)
PLAY = "ana > hola\nbeto < hola\nbeto (nothing)"


def main():
    parser = argparse.ArgumentParser(description="How many late faults does the proof of silence miss?")
    parser.add_argument("--trials", type=int, default=300, metavar="N", help="how many delays are tried (default 300)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the delays (default 1)")
    asked = parser.parse_args()
    draw = random.Random(asked.seed)
    missed, delays, began = [], [], time.perf_counter()
    with stand({"threads.py": THREADS, "select_loop.py": SELECT}) as perform:
        for number in range(asked.trials):
            way = list(WAYS)[number % len(WAYS)]
            delay = round(0.001 * 900 ** draw.random(), 4)
            delays.append(delay)
            judged = perform(f"python3 {WAYS[way]} <port> {way} {delay}", PLAY, ["ana", "beto"])
            if [f.code for f in judged.findings] != ["came-unasked"]:
                missed.append(f"{way}, {delay * 1000:.1f} ms: {judged.outcome}, on {judged.evidence}")
    seconds = time.perf_counter() - began
    print(f"{asked.trials} late faults, 1 to 900 ms, seed {asked.seed}, in {seconds:.0f} s")
    print(f"{'proof of silence':28} missed {len(missed):5}")
    for fixed in FIXED:
        print(f"{f'silence for {fixed * 1000:.0f} ms':28} missed {sum(d > fixed for d in delays):5}")
    print(*missed, sep="\n")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())

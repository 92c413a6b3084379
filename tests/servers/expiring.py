"""Keeps texts for a time: `set k v 300` keeps v for 300 thousandths of a second, `get k` tells it, or `none`. `end` ends it all.

expiring.py PORT [never|early|chatty]     never: nothing is ever thrown away; early: everything is thrown away after a thousandth
of its time; chatty: whoever sets something is told again after 200 thousandths
"""

import os
import socket
import sys
import threading
import time

FAULT = sys.argv[2] if len(sys.argv) > 2 else ""
FACTOR = {"never": 1e9, "early": 1e-3}.get(FAULT, 1.0)
kept = {}


def answer(sock, word, *rest):
    if word == "end":
        os._exit(0)
    if word == "set":
        key, value, number = rest
        kept[key] = value, time.monotonic() + FACTOR * int(number) / 1000
        if FAULT == "chatty":
            timer = threading.Timer(0.2, sock.sendall, [b"ok\n"])
            timer.daemon = True
            timer.start()
        return "ok"
    value, until = kept.get(rest[0], ("", 0.0))
    return value if time.monotonic() < until else "none"


def serve(sock):
    with sock, sock.makefile("r") as lines:
        for line in lines:
            sock.sendall(f"{answer(sock, *line.split())}\n".encode())


server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

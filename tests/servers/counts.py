"""Counts its visitors: each is told how many came before it, since the server was started.

counts.py PORT [FAULT]     faults: `leaks` keeps every socket open and a thread for it, `ends` ends after its third visitor,
                           `eats` takes 300 MB at the word `eat`, `forks` starts threads without end at the word `fork`
"""

import contextlib
import socket
import sys
import threading

FAULT = sys.argv[2] if len(sys.argv) > 2 else ""
kept, held = [], []


def serve(sock, number):
    sock.sendall(b"%d before you\n" % number)
    with contextlib.suppress(OSError):
        while word := sock.recv(100):
            if FAULT == "eats" and word == b"eat\n":
                held.append(bytearray(b"x" * (300 << 20)))
            while FAULT == "forks" and word == b"fork\n":
                threading.Thread(target=threading.Event().wait, daemon=True).start()
            sock.sendall(b"you said " + word)
    if FAULT != "leaks":
        sock.close()
    if FAULT == "ends" and number == 2:
        server.shutdown(socket.SHUT_RDWR)


server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
with contextlib.suppress(OSError):
    for number in range(100_000):
        newcomer, _ = server.accept()
        if FAULT == "leaks":
            kept.append(newcomer)
        threading.Thread(target=serve, args=(newcomer, number), daemon=True).start()

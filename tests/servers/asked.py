"""A server that is asked and answers, `PING` with `PONG`, with a thread for each client; and with one fault, if it is named.

    python3 asked.py <port> [fault]

`LARGE` is answered with twenty million bytes. With the fault `swaps` it is a chat in which whoever has a name hears the rest.
"""

import itertools
import os
import signal
import socket
import sys
import threading

port, fault = int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""
room, kept, asked = threading.RLock(), [], itertools.count(1)
members, kept_back = {}, {}
LARGE = b"x" * 20_000_000 + b"\n"


def answer(sock, line):
    if fault == "slow":
        threading.Event().wait(0.12)
    if fault == "loses" and next(asked) % 50 == 0:
        return
    said = LARGE if line == b"LARGE" else b"PONG\n" if line == b"PING" else b"WHAT\n"
    if fault == "locked":
        with room:
            sock.sendall(said)
    else:
        sock.sendall(said)


def lines(sock):
    rest = b""
    while piece := sock.recv(1 << 16):
        if fault == "one-read":
            yield piece.strip()
            continue
        *whole, rest = (rest + piece).split(b"\n")
        if fault == "too-long" and len(rest) > 10_000:
            os._exit(3)
        for line in whole[:1] if fault == "first-only" else whole:
            if fault == "decodes":
                try:
                    line.decode()
                except UnicodeDecodeError:
                    os._exit(3)
            yield line.rstrip(b"\r")


def talk(sock, name):
    """A chat in which every second member hears of two messages of different people the later one first."""
    members[name] = sock
    sock.sendall(b"welcome " + name + b"\n")
    for line in lines(sock):
        with room:
            for at, (other, to) in enumerate(members.items()):
                message = name + b": " + line + b"\n"
                if other == name:
                    continue
                if at % 2 == 0:
                    to.sendall(message)
                elif other in kept_back and kept_back[other][0] != name:
                    to.sendall(message + kept_back.pop(other)[1])
                else:
                    before = kept_back.pop(other, (b"", b""))[1]
                    to.sendall(before)
                    kept_back[other] = (name, message)


def serve(sock):
    try:
        if fault == "swaps":
            talk(sock, next(lines(sock)))
            return
        for line in lines(sock):
            answer(sock, line)
        while fault == "spins":
            sock.recv(1)
    except ConnectionResetError:
        if fault == "resets":
            os._exit(3)
    except OSError:
        pass
    if fault == "keeps-threads":
        threading.Event().wait()
    if fault == "keeps-files":
        kept.append(sock)
    else:
        sock.close()


def serve_in_a_process(sock):
    if os.fork():
        sock.close()
        return
    serve(sock)
    if fault == "keeps-processes":
        threading.Event().wait()
    os._exit(0)


server = socket.create_server(("127.0.0.1", port))
if fault == "keeps-processes":
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
while True:
    newcomer, _ = server.accept()
    newcomer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if fault == "serial":
        serve(newcomer)
    elif fault in ("keeps-processes", "keeps-ended"):
        serve_in_a_process(newcomer)
    else:
        threading.Thread(target=serve, args=(newcomer,), daemon=True).start()

"""A house with guests: `in ana` moves in (`ok`, or `taken` if there is somebody of that name), and everybody else hears `ana left` later.

lodging.py PORT [threads|announces-first|polls] [DELAY] [never]

`out` is a wish to leave. A name is free again only DELAY thousandths of a second after its guest has gone: `threads` has closed the connection by then,
`announces-first` has told everybody, too, and `polls` looks at its guests only so often.
never: a name stays taken for ever
"""

import contextlib
import socket
import sys
import threading
import time

STYLE = sys.argv[2] if len(sys.argv) > 2 else "threads"
DELAY = int(sys.argv[3]) / 1000 if len(sys.argv) > 3 else 0.05
NEVER = "never" in sys.argv
guests = {}
lock = threading.Lock()


def said(name, sock, line):
    """Answers a line; who speaks is called so from now on."""
    word, _, new = line.partition(" ")
    with lock:
        if word != "in" or new in guests:
            sock.sendall(b"taken\n")
            return name
        guests[new] = sock
        sock.sendall(b"ok\n")
        return new


def gone(name):
    """Tells everybody, and frees the name."""
    if name not in guests or NEVER:
        return
    if STYLE == "threads":
        time.sleep(DELAY)
    with lock:
        for other in guests.values():
            with contextlib.suppress(OSError):
                other.sendall(f"{name} left\n".encode())
    if STYLE == "announces-first":
        time.sleep(DELAY)
    with lock:
        del guests[name]


def serve(sock):
    name = None
    try:
        with sock, sock.makefile("r") as lines:
            for line in lines:
                if line == "out\n":
                    break
                name = said(name, sock, line.strip())
    except OSError:
        pass
    gone(name)


def poll(server):
    server.settimeout(DELAY)
    here = []
    while True:
        try:
            sock = server.accept()[0]
            sock.setblocking(False)
            here.append([sock, None])
        except TimeoutError:
            pass
        for guest in list(here):
            try:
                data = guest[0].recv(4096)
            except BlockingIOError:
                continue
            except OSError:
                data = b""
            if data == b"out\n":
                guest[0].close()
                data = b""
            for line in data.decode().splitlines():
                guest[1] = said(guest[1], guest[0], line)
            if not data:
                here.remove(guest)
                guest[0].close()
                gone(guest[1])


listening = socket.create_server(("127.0.0.1", int(sys.argv[1])))
if STYLE == "polls":
    poll(listening)
while True:
    threading.Thread(target=serve, args=(listening.accept()[0],), daemon=True).start()

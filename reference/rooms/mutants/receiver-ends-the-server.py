# Bug: a receiver that vanishes takes the server with it.
# Loses: vanishes
import contextlib
import os
import queue
import re
import socket
import sys
import threading

LONGEST = 1000
NAME = re.compile(r"[A-Za-z0-9]{1,20}")
MOST_WAITING = 10_000  # lines that may wait for one receiver

lock = threading.Lock()  # held by whoever reads or changes `rooms`
@contextlib.contextmanager
def ends_all():
    try:
        yield
    except OSError:
        os._exit(1)


rooms = {}  # name of a room -> the queues of its receivers


def lines(sock):
    """The lines of a client; None stands for one that is too long."""
    rest, skipping = b"", False
    while piece := sock.recv(4096):
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            yield None if skipping or len(line) > LONGEST else line.decode("utf-8", "replace").rstrip("\r")
            skipping = False
        if len(rest) > LONGEST:
            rest, skipping = b"", True  # the rest of it is not kept


def send(sock, line):
    sock.sendall(line.encode("utf-8") + b"\n")


def deliver(room, author, text):
    """Put a line into the queue of each receiver of a room. Under one lock, so that all get all lines in one order."""
    with lock:
        for waiting in rooms.get(room, ()):
            if waiting.qsize() < MOST_WAITING:  # who does not read loses lines, and nobody waits for it
                waiting.put(f"delivery:{room}:{author}:{text}")


def serve_sender(sock, name, requests):
    """Each request is answered, whatever it is; the sender stays until it quits."""
    room = None
    for line in requests:
        tag, colon, payload = (line or "").partition(":")
        if line is None:
            send(sock, "err:too long")
        elif not colon:
            send(sock, "err:a line is tag:payload")
        elif tag == "quit":
            send(sock, "ok:bye")
            return
        elif tag == "join" and NAME.fullmatch(payload):
            room = payload
            send(sock, "ok:joined " + room)
        elif tag in ("leave", "sendall") and room is None:
            send(sock, "err:first join a room")
        elif tag == "leave":
            room = None
            send(sock, "ok:left")
        elif tag == "sendall":
            deliver(room, name, payload)
            send(sock, "ok:sent")
        else:
            send(sock, "err:that makes no sense")


def serve_receiver(sock, requests):
    """After its join a receiver only gets lines, until its connection ends."""
    tag, _, room = (next(requests, None) or "").partition(":")
    if tag != "join" or not NAME.fullmatch(room):
        send(sock, "err:first join a room")
        return
    waiting = queue.SimpleQueue()
    with lock:
        rooms.setdefault(room, []).append(waiting)
    threading.Thread(target=watch, args=(requests, waiting), daemon=True).start()
    try:
        send(sock, "ok:joined " + room)
        while (line := waiting.get()) is not None:
            send(sock, line)
    finally:
        with lock:
            rooms[room].remove(waiting)


def watch(requests, waiting):
    """The thread that notices when a receiver has gone: its own thread waits for lines to deliver."""
    with ends_all():
        for _ in requests:
            pass  # a receiver has nothing to say
    waiting.put(None)


def serve(sock):
    """One client, from its login to its end."""
    with sock, contextlib.suppress(OSError):
        requests = lines(sock)
        tag, _, name = (next(requests, None) or "").partition(":")
        if tag in ("slogin", "rlogin") and NAME.fullmatch(name):
            send(sock, "ok:welcome " + name)
            if tag == "slogin":
                serve_sender(sock, name, requests)
            else:
                serve_receiver(sock, requests)
        else:
            send(sock, "err:first login")
        sock.shutdown(socket.SHUT_WR)


def main():
    server = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=100)
    while True:
        with contextlib.suppress(OSError):
            sock, _address = server.accept()
            threading.Thread(target=serve, args=(sock,), daemon=True).start()


if __name__ == "__main__":
    main()

# Bug: what comes behind a message in the same piece is lost.
# Loses: glued
import contextlib
import socket
import struct
import sys
import threading

LONGEST = 1000

lock = threading.Lock()  # held by whoever reads or changes `stations`
stations = {}  # name -> its readings, as (time, value)


class Wrong(Exception):
    """A message that makes no sense."""


def messages(sock):
    """The messages of a client, one after the other, without their lengths."""
    got = b""
    while piece := sock.recv(4096):
        got += piece
        if len(got) < 2:
            continue
        (size,) = struct.unpack(">H", got[:2])
        if not 1 <= size <= LONGEST:
            raise Wrong("a message has 1 to 1000 bytes")  # known before a single byte of it has come
        if len(got) >= 2 + size:
            yield got[2 : 2 + size]
            got = b""
    if got:
        raise Wrong("the end came in the middle of a message")


def send(sock, body):
    sock.sendall(struct.pack(">H", len(body)) + body)


def unpack(form, body):
    """The numbers in a message, behind its first byte."""
    try:
        return struct.unpack(form, body[1:])
    except struct.error:
        raise Wrong("a message has another length") from None


def mean(readings, begin, end):
    """How many readings there are from `begin` to `end`, and their mean, rounded down; 0 if there are none."""
    values = [value for time, value in readings if begin <= time <= end]
    return len(values), sum(values) // len(values) if values else 0


def converse(sock):
    """One client: message by message, until it leaves."""
    station = None
    for body in messages(sock):
        kind = body[0]
        if kind == 1 and len(body) >= 2 and 1 <= body[1] == len(body) - 2:
            station = body[2:]
            with lock:
                send(sock, struct.pack(">BI", 0x81, len(stations.setdefault(station, []))))
        elif kind == 1:
            raise Wrong("a station has a name")
        elif kind not in (2, 3):
            raise Wrong("there is no such message")
        elif station is None:
            raise Wrong("first comes hello")
        elif kind == 2:
            with lock:
                stations[station].append(unpack(">Ii", body))
        else:
            begin, end = unpack(">II", body)
            with lock:
                kept = list(stations[station])
            send(sock, struct.pack(">BIi", 0x83, *mean(kept, begin, end)))


def serve(sock):
    with sock, contextlib.suppress(OSError):  # who vanishes has left
        try:
            converse(sock)
        except Wrong as wrong:
            why = str(wrong).encode()
            send(sock, bytes([0xFF, len(why)]) + why)
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(4096):
            pass  # closed with bytes unread, the connection would be reset, and the error might not arrive


def main():
    server = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=100)
    while True:
        with contextlib.suppress(OSError):
            sock, _address = server.accept()
            threading.Thread(target=serve, args=(sock,), daemon=True).start()


if __name__ == "__main__":
    main()

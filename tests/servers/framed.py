"""A relay in one of several framings: what one client says goes to all others. A thread for each client.

    framed.py PORT FRAMING [FAULT]

Faults: `bare` forgets the framing when it sends, `torn` takes what one recv brings for one message, `cut` ends the
connection in the middle of a message, `huge` announces far more than it sends.
"""

import socket
import struct
import sys
import threading

FAULT = sys.argv[3] if len(sys.argv) > 3 else ""


def exactly(sock, size):
    data = b""
    while len(data) < size:
        more = sock.recv(size - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def until(sock, *ends):
    data = b""
    while not data.endswith(ends):
        data += exactly(sock, 1)
    return next(data.removesuffix(end) for end in ends if data.endswith(end))


def digits(sock):
    return exactly(sock, int(until(sock, b":")))


# framing: how a message is read, how it is sent, how a huge one would be announced
FRAMINGS = {
    "u16": (
        lambda s: exactly(s, int.from_bytes(exactly(s, 2), "big")),
        lambda m: len(m).to_bytes(2, "big") + m,
        b"\xff\xff",
    ),
    "u64": (
        lambda s: exactly(s, struct.unpack("<Q", exactly(s, 8))[0]),
        lambda m: struct.pack("<Q", len(m)) + m,
        struct.pack("<Q", 1 << 63),
    ),
    "digits": (digits, lambda m: b"%d:%s" % (len(m), m), b"99999999999:"),
    "header": (
        lambda s: exactly(s, int(exactly(s, 64))),
        lambda m: str(len(m)).encode().ljust(64) + m,
        b"9" * 20 + b" " * 44,
    ),
    "fixed": (lambda s: exactly(s, 32).rstrip(b" "), lambda m: m.ljust(32), b""),
    "nul": (lambda s: until(s, b"\0"), lambda m: m + b"\0", b""),
    "block": (lambda s: until(s, b"\n\n", b"\r\n\r\n"), lambda m: m + b"\n\n", b""),
    "crlf": (lambda s: until(s, b"\r\n", b"\n"), lambda m: m + b"\r\n", b""),
}
READ, WRITE, HUGE = FRAMINGS[sys.argv[2]]
here, clients = threading.Lock(), []


def send(sock, message):
    data = WRITE(message)
    if FAULT == "bare":
        data = message
    if FAULT == "cut":
        sock.sendall(data[:-1])
        sock.shutdown(socket.SHUT_WR)
    elif FAULT == "huge":
        sock.sendall(HUGE + message)
    else:
        sock.sendall(data)


def serve(sock):
    try:
        while True:
            message = READ(sock) if FAULT != "torn" else torn(sock)
            with here:
                for other in clients:
                    if other is not sock:
                        send(other, message)
    except (EOFError, OSError, ValueError):
        with here:
            clients.remove(sock)
        sock.close()


def torn(sock):
    data = sock.recv(4096)
    if not data:
        raise EOFError
    empty = WRITE(b"")
    return data[len(empty) :] if sys.argv[2] not in ("fixed", "nul", "block", "crlf") else data.rstrip(b" \0\r\n")


server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    newcomer, _ = server.accept()
    with here:
        clients.append(newcomer)
    threading.Thread(target=serve, args=(newcomer,), daemon=True).start()

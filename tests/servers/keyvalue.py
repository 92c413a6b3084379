r"""A key-value store that speaks RESP, the protocol of Redis.

keyvalue.py PORT [FAULT]    faults: bare (values without their length), nil (an empty text for what is not there),
                            count (a list that says one too many), text (counts letters instead of bytes)
"""

import socket
import sys
import threading

FAULT = sys.argv[2] if len(sys.argv) > 2 else ""
store = {}


def bulk(value):
    if value is None:
        return b"$0\r\n\r\n" if FAULT == "nil" else b"$-1\r\n"
    if FAULT == "bare":
        return value + b"\r\n"
    return b"$%d\r\n%s\r\n" % (len(value.decode()) if FAULT == "text" else len(value), value)


def answer(words):
    name = words[0].upper()
    if name == b"SET" and len(words) == 3:
        store[words[1]] = words[2]
        return b"+OK\r\n"
    if name == b"GET" and len(words) == 2:
        return bulk(store.get(words[1]))
    if name == b"MGET":
        values = [bulk(store.get(key)) for key in words[1:]]
        return b"*%d\r\n" % (len(values) + (FAULT == "count")) + b"".join(values)
    if name == b"DEL":
        return b":%d\r\n" % sum(store.pop(key, None) is not None for key in words[1:])
    return b"-ERR unknown command\r\n"


def command(lines):
    count = int(lines.readline()[1:])
    words = []
    for _ in range(count):
        size = int(lines.readline()[1:])
        words.append(lines.read(size + 2)[:-2])
    return words


def serve(sock):
    with sock, sock.makefile("rb") as lines:
        while lines.peek(1):
            sock.sendall(answer(command(lines)))


server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

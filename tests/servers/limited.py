"""A relay whose lines have at most 64 bytes: a longer one is answered by `too long`, and goes to nobody. With a fault, it is passed on.

limited.py PORT [any|threads]     any: lines of any length are passed on; threads: each client has two threads
"""

import selectors
import socket
import sys
import threading

port, fault = int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""
ready = selectors.DefaultSelector()
rest = {}


def come(server):
    newcomer, _ = server.accept()
    rest[newcomer] = b""
    ready.register(newcomer, selectors.EVENT_READ, said)
    for _ in range(2 if fault == "threads" else 0):
        threading.Thread(target=threading.Event().wait, daemon=True).start()


def said(sock):
    data = sock.recv(4096)
    if not data:
        ready.unregister(sock)
        del rest[sock]
        sock.close()
        return
    *lines, rest[sock] = (rest[sock] + data).split(b"\n")
    for line in lines:
        if len(line) >= 64 and fault != "any":
            sock.sendall(b"too long\n")
            continue
        for other in rest:
            if other is not sock:
                other.sendall(line + b"\n")


server = socket.create_server(("127.0.0.1", port))
ready.register(server, selectors.EVENT_READ, come)
while True:
    for key, _ in ready.select():
        key.data(key.fileobj)

"""A relay with the selectors module (epoll) and sockets that never block; half-lines are kept for each client."""

import selectors
import socket
import sys

waiting = selectors.DefaultSelector()
rest = {}


def welcome(server):
    sock, _ = server.accept()
    sock.setblocking(False)
    rest[sock] = b""
    waiting.register(sock, selectors.EVENT_READ, hear)


def hear(sock):
    data = sock.recv(4096)
    if not data:
        waiting.unregister(sock)
        del rest[sock]
        sock.close()
        return
    *lines, rest[sock] = (rest[sock] + data).split(b"\n")
    for line in lines:
        for other in rest:
            if other is not sock:
                other.send(line + b"\n")


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
waiting.register(listener, selectors.EVENT_READ, welcome)
while True:
    for key, _ in waiting.select():
        key.data(key.fileobj)

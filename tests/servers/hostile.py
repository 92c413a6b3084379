"""A chat server that tries to break the page: whatever it says, prints or raises is aimed at whoever looks at it.

    python3 hostile.py <port>

It welcomes its clients as the protocol asks. Every message it answers with markup, marks that turn text around, escape
sequences, zero bytes, bytes that are no text, and a line of a million letters; then it dies of an error of the same kind.
"""

import os
import socket
import sys
import threading

EVIL = "<script>document.title='owned'</script><img src=x onerror=alert(1)>\u202egnp.exe\u202c\x1b[2J\x1b[31mred\x07 </style>"

server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("127.0.0.1", int(sys.argv[1])))
server.listen()
clients = []


class OwnedError(Exception):  # <script>alert("in the excerpt")</script> \u202e
    pass


def attack():
    for sock in clients:
        sock.sendall(EVIL.encode() + b"\n\0\xff\xfe\x80\n" + b"A" * 1_000_000 + b"\n")
    print(EVIL)
    sys.stdout.buffer.write(b"\xff\0" + b"B" * 100_000 + b"\n")
    raise OwnedError(EVIL)


def serve(sock):
    lines = sock.makefile("r", encoding="utf-8", errors="replace")
    sock.sendall(b"name?\n")
    name = lines.readline().strip()
    sock.sendall(f"welcome {name}\n".encode())
    for other in clients:
        other.sendall(f"* {name} joined\n".encode())
    clients.append(sock)
    for _ in lines:
        try:
            attack()
        except OwnedError:
            sys.excepthook(*sys.exc_info())
            sys.stderr.flush()
            os._exit(3)


while True:
    threading.Thread(target=serve, args=(server.accept()[0],)).start()

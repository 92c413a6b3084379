"""A relay over TLS: the bytes that one client sends go to all others, whatever they mean. One thread, one select.

    secure.py PORT [FAULT]

Faults: `plain` does not know TLS, `mute` accepts and never answers, `asks` wants a certificate of its clients, `leaks` sends
the third message through the socket below TLS, `both` sends it in both ways. No faults are `unwraps` (says goodbye in the
way of TLS, and waits for the client's) and `cuts` (just closes), both after `bye`.
"""

import contextlib
import os
import select
import socket
import ssl
import sys
from pathlib import Path

FAULT = sys.argv[2] if len(sys.argv) > 2 else ""
PEM = Path(__file__).with_name("own.pem")
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(PEM)
if FAULT == "asks":
    context.load_verify_locations(PEM)
    context.verify_mode = ssl.CERT_REQUIRED
    context.maximum_version = ssl.TLSVersion.TLSv1_2

server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
clients, said = [], []


def below(conn, data):
    """Past TLS: what a student does who kept the socket of before."""
    copy = socket.socket(fileno=os.dup(conn.fileno()))
    copy.sendall(data)
    copy.close()


def goodbye(conn):
    clients.remove(conn)
    with contextlib.suppress(OSError):
        if FAULT == "unwraps":
            conn = conn.unwrap()
    conn.close()


def take(conn):
    try:
        data = conn.recv(65536)
        while data and FAULT != "plain" and conn.pending():
            data += conn.recv(65536)
    except OSError:
        data = b""
    if not data or data == b"bye\n":
        goodbye(conn)
        return
    said.append(data)
    for other in [c for c in clients if c is not conn]:
        if FAULT in ("leaks", "both") and len(said) == 3:
            below(other, data)
        if not (FAULT == "leaks" and len(said) == 3):
            other.sendall(data)


while True:
    for ready in select.select([server, *clients], [], [])[0]:
        if ready is not server:
            take(ready)
            continue
        newcomer, _ = server.accept()
        try:
            clients.append(newcomer if FAULT in ("plain", "mute") else context.wrap_socket(newcomer, server_side=True))
        except OSError as problem:
            print(problem, file=sys.stderr)
            newcomer.close()
        if FAULT == "mute":
            newcomer.recv(100_000)
            clients.remove(newcomer)
            server_of_nobody = newcomer

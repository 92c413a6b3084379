"""Mob in the Middle (Protohackers 5): a proxy that puts its own address in the place of each Boguscoin address.

middle.py PORT UPSTREAM [FAULT]   faults: no-call, keeps (upstream stays open), one-way, whole (rewrites inside words), first (one a line),
                                  pieces (rewrites what one recv brings, not a line)
"""

import contextlib
import re
import socket
import sys
import threading

port, upstream, fault = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else ""
TONY = "7YWHMfk9JZe0LM0g1ZauHuiSxhI"
ADDRESS = re.compile(r"7[A-Za-z0-9]{25,34}" if fault == "whole" else r"(?<![^ ])7[A-Za-z0-9]{25,34}(?![^ ])")


def relay(source, target, rewrites):
    rest = b""
    while data := source.recv(4096):
        rest += data
        *lines, rest = [*rest.split(b"\n")] if fault != "pieces" else [*data.splitlines(), b""]
        for line in lines:
            text = line.decode()
            if rewrites:
                text = ADDRESS.sub(TONY, text, count=1 if fault == "first" else 0)
            target.sendall(text.encode() + b"\n")
    if fault != "keeps":
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


def serve(client):
    if fault == "no-call":
        client.recv(1)
        return
    server = socket.create_connection(("127.0.0.1", upstream))
    back = threading.Thread(target=relay, args=(server, client, fault != "one-way"), daemon=True)
    back.start()
    relay(client, server, True)
    back.join()
    server.close()
    client.close()


listener = socket.create_server(("127.0.0.1", port))
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

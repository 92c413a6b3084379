"""A correct client without threads: one select waits for the key and for the server."""

import os
import select
import socket
import sys

sock = socket.create_connection((sys.argv[1], int(sys.argv[2])))
begun, typing = b"", True
while True:
    for ready in select.select([sock, 0] if typing else [sock], [], [])[0]:
        if ready is sock:
            data = sock.recv(4096)
            if not data:
                sys.exit()
            *lines, begun = (begun + data).split(b"\n")
            for line in lines:
                print("<<", line.decode(), flush=True)
        else:
            typed = os.read(0, 4096)
            typing = bool(typed)
            sock.sendall(typed) if typed else sock.shutdown(socket.SHUT_WR)

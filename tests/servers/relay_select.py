"""A relay with one thread that waits for all clients at once in select; a third argument is the time limit of the wait.

With a limit, lines are not sent on when they come but when the wait has ended without anybody speaking: late, but sure.
"""

import select
import socket
import sys

limit = float(sys.argv[2]) if len(sys.argv) > 2 else None
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
clients, outbox = {}, []
while True:
    ready, _, _ = select.select([server, *clients], [], [], limit)
    for sock in ready:
        if sock is server:
            clients[server.accept()[0]] = b""
            continue
        data = sock.recv(4096)
        if not data:
            del clients[sock]
            sock.close()
            continue
        *lines, clients[sock] = (clients[sock] + data).split(b"\n")
        outbox += [(sock, line) for line in lines]
    if limit is None or not ready:
        for author, line in outbox:
            for other in clients:
                if other is not author:
                    other.sendall(line + b"\n")
        outbox.clear()

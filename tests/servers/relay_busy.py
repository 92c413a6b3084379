"""A relay that never waits: it asks its sockets again and again and keeps a processor busy."""

import socket
import sys

server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
server.setblocking(False)
clients = []
while True:
    try:
        newcomer, _ = server.accept()
        newcomer.setblocking(False)
        clients.append(newcomer)
    except BlockingIOError:
        pass
    for sock in list(clients):
        try:
            line = sock.recv(4096)
        except BlockingIOError:
            continue
        if not line:
            clients.remove(sock)
        for other in clients:
            if other is not sock:
                other.send(line)

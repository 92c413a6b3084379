"""A relay that asks all its sockets in turn whether there is something, and then sleeps for 10 ms."""

import socket
import sys
import time

server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
server.setblocking(False)
clients = {}
while True:
    try:
        newcomer, _ = server.accept()
        newcomer.setblocking(False)
        clients[newcomer] = b""
    except BlockingIOError:
        pass
    for sock in list(clients):
        try:
            data = sock.recv(4096)
        except BlockingIOError:
            continue
        if not data:
            del clients[sock]
            sock.close()
            continue
        *lines, clients[sock] = (clients[sock] + data).split(b"\n")
        for line in lines:
            for other in clients:
                if other is not sock:
                    other.send(line + b"\n")
    time.sleep(0.01)

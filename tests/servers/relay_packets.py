"""A faulty relay that takes what one recv gives for a line: right as long as every line arrives in one piece."""

import socket
import sys
import threading

clients = []


def serve(sock):
    while data := sock.recv(4096):
        for other in clients.copy():
            if other is not sock:
                other.sendall(data.rstrip(b"\n") + b"\n")
    clients.remove(sock)
    sock.close()


server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    newcomer, _ = server.accept()
    clients.append(newcomer)
    threading.Thread(target=serve, args=(newcomer,), daemon=True).start()

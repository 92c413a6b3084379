"""A relay with a thread for each client, that begins to read what the first one says a moment later than it could."""

import socket
import sys
import threading
import time

server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
clients = []


def serve(sock, seconds):
    time.sleep(seconds)
    while line := sock.recv(4096):
        for other in clients:
            if other is not sock:
                other.sendall(line)


while True:
    newcomer, _ = server.accept()
    clients.append(newcomer)
    threading.Thread(target=serve, args=(newcomer, 0 if len(clients) > 1 else 0.5), daemon=True).start()

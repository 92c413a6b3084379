"""A relay in which readers only put lines into a queue, and one dispatcher thread sends them on."""

import queue
import socket
import sys
import threading

clients, said = [], queue.Queue()


def listen_to(sock):
    with sock, sock.makefile("rb") as lines:
        for line in lines:
            said.put((sock, line))
        clients.remove(sock)


def dispatch():
    while True:
        author, line = said.get()
        for other in clients.copy():
            if other is not author:
                other.sendall(line)


threading.Thread(target=dispatch, daemon=True).start()
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    newcomer, _ = server.accept()
    clients.append(newcomer)
    threading.Thread(target=listen_to, args=(newcomer,), daemon=True).start()

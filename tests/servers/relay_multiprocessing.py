"""A relay made with multiprocessing: a process reads each client, a queue brings the lines to one thread that sends."""

import multiprocessing
import socket
import sys
import threading


def read(number, sock, lines):
    with sock, sock.makefile("rb") as file:
        for line in file:
            lines.put((number, line))


def send(lines, clients):
    while True:
        number, line = lines.get()
        for other, sock in list(clients.items()):
            if other != number:
                sock.sendall(line)


if __name__ == "__main__":
    multiprocessing.set_start_method("fork")
    server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
    lines, clients = multiprocessing.Queue(), {}
    threading.Thread(target=send, args=(lines, clients), daemon=True).start()
    while True:
        newcomer, _ = server.accept()
        number = len(clients)
        clients[number] = newcomer
        multiprocessing.Process(target=read, args=(number, newcomer, lines), daemon=True).start()

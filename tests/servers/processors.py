"""Answers every line with the number of processors that the thread may run on which serves this client.

processors.py PORT [forks|before]

Each client has a thread, made when it connects. forks: another process of the server lives beside it, and serves nobody;
before: all threads are made before the port is opened
"""

import os
import queue
import socket
import sys
import threading

KIND = sys.argv[2] if len(sys.argv) > 2 else ""
waiting = queue.Queue()


def serve(sock):
    with sock, sock.makefile("r") as lines:
        for _ in lines:
            sock.sendall(f"{len(os.sched_getaffinity(0))}\n".encode())


def take():
    while True:
        serve(waiting.get())


if KIND == "forks" and os.fork() == 0:
    threading.Event().wait()
if KIND == "before":
    for _ in range(80):
        threading.Thread(target=take, daemon=True).start()
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    client, _ = server.accept()
    if KIND == "before":
        waiting.put(client)
    else:
        threading.Thread(target=serve, args=(client,), daemon=True).start()

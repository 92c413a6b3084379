"""A relay that delivers one message after the other, each after a pause, and meanwhile keeps a processor busy.

relay_slow_busy.py PORT SECONDS [again]    again: it delivers each message again and again, without end
"""

import queue
import socket
import sys
import threading
import time

waiting = queue.Queue()
clients = []


def deliver():
    while True:
        line, author = waiting.get()
        time.sleep(float(sys.argv[2]))
        for sock in clients:
            if sock is not author:
                sock.sendall(line)
        if "again" in sys.argv:
            waiting.put((line, author))


def serve(sock):
    lines = sock.makefile("rb")
    for line in lines:
        waiting.put((line, sock))
    clients.remove(sock)


def circle():
    while True:
        pass


server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
threading.Thread(target=deliver, daemon=True).start()
threading.Thread(target=circle, daemon=True).start()
while True:
    sock, _ = server.accept()
    clients.append(sock)
    threading.Thread(target=serve, args=(sock,), daemon=True).start()

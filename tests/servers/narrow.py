"""Says "come in" to each client; the queue of its port has room for two.

narrow.py PORT [WAY]    ways: never (it accepts nobody), later (nobody before a line has been typed), deferred (the kernel tells it of those who say nothing only after a second)
"""

import socket
import sys
import threading

way = sys.argv[2] if len(sys.argv) > 2 else ""
server = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=1)
if way == "deferred":
    server.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 1)
if way == "never":
    threading.Event().wait()
if way == "later":
    sys.stdin.readline()
clients = []
while True:
    newcomer, _ = server.accept()
    newcomer.sendall(b"come in\n")
    clients.append(newcomer)

"""A relay whose threads are those of a pool: they wait for the next client when theirs has gone, and so does no leak.

With a second argument it has a fault: `keeps` (connections are never closed), `spins` (the end of a stream is read again
and again) or `outlived` (a process that it has started goes on when it ends).
"""

import os
import signal
import socket
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

port, fault = int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""
here, clients, kept = threading.Lock(), [], []


def serve(sock):
    data = sock.recv(4096)
    while data or fault == "spins":
        with here:
            for other in clients:
                if other is not sock and data:
                    other.sendall(data)
        data = sock.recv(4096)
    with here:
        clients.remove(sock)
    if fault == "keeps":
        kept.append(sock)
    else:
        sock.close()


def stop(*_):
    os._exit(0)


server = socket.create_server(("127.0.0.1", port))
signal.signal(signal.SIGTERM, stop)
if fault == "outlived" and not os.fork():
    server.close()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Event().wait()
pool = ThreadPoolExecutor(20)
while True:
    newcomer, _ = server.accept()
    with here:
        clients.append(newcomer)
    pool.submit(serve, newcomer)

"""A faulty relay: so many milliseconds after a line it is sent once more, by a timer thread.

    python3 relay_late.py <port> <milliseconds> [hides]

Where it hides, nobody but root may look at what its threads do.
"""

import ctypes
import socket
import sys
import threading

here, clients = threading.Lock(), []


def relay(author, line):
    with here:
        for other in clients:
            if other is not author:
                other.sendall(line)


def serve(sock):
    with sock, sock.makefile("rb") as lines:
        for line in lines:
            relay(sock, line)
            threading.Timer(int(sys.argv[2]) / 1000, relay, (sock, line)).start()
        with here:
            clients.remove(sock)


if sys.argv[3:] == ["hides"]:
    PR_SET_DUMPABLE = 4
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    newcomer, _ = server.accept()
    with here:
        clients.append(newcomer)
    threading.Thread(target=serve, args=(newcomer,), daemon=True).start()

"""Takes its time: `set k v` keeps v and says nothing, `get k` tells it, or `none`, and whatever else is said goes to all others.

unhurried.py PORT DELAY [forgets|deaf]

Each client has a thread. That of the first gets up, and keeps what it was told to keep, DELAY thousandths of a second late.
forgets: nothing is kept; deaf: nobody ever hears the others
"""

import socket
import sys
import threading
import time

DELAY = int(sys.argv[2]) / 1000
FAULT = sys.argv[3] if len(sys.argv) > 3 else ""
kept, clients, lock = {}, [], threading.Lock()


def serve(sock, delay):
    time.sleep(delay)
    with lock:
        clients.append(sock)
    with sock, sock.makefile("r") as lines:
        for line in lines:
            word, *rest = line.split()
            if word == "set":
                time.sleep(delay)
                if FAULT != "forgets":
                    kept[rest[0]] = rest[1]
            elif word == "get":
                sock.sendall(f"{kept.get(rest[0], 'none')}\n".encode())
            elif FAULT != "deaf":
                with lock:
                    for other in clients:
                        if other is not sock:
                            other.sendall(line.encode())


server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
delay = DELAY
while True:
    threading.Thread(target=serve, args=(server.accept()[0], delay), daemon=True).start()
    delay = 0

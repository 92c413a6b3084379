# Bug: it always calls port 5555.
# Loses: enters
import os
import socket
import sys
import threading

sock = socket.create_connection((sys.argv[1], 5555))


def listen():
    for line in sock.makefile(encoding="utf-8", newline="\n"):
        print(line, end="", flush=True)
    os._exit(0)


threading.Thread(target=listen, daemon=True).start()
for line in sys.stdin:
    sock.sendall(line.encode())
sock.shutdown(socket.SHUT_WR)
threading.Event().wait()

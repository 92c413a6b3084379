# Bug: what is typed is sent without its end of line.
# Loses: enters
import os
import socket
import sys
import threading

sock = socket.create_connection((sys.argv[1], int(sys.argv[2])))


def listen():
    for line in sock.makefile(encoding="utf-8", newline="\n"):
        print(line, end="", flush=True)
    os._exit(0)


threading.Thread(target=listen, daemon=True).start()
for line in sys.stdin:
    sock.sendall(line.rstrip("\n").encode())
sock.shutdown(socket.SHUT_WR)
threading.Event().wait()

# Bug: when the server has hung up it goes on.
# Loses: leaves, hung-up
import os
import socket
import sys
import threading

sock = socket.create_connection((sys.argv[1], int(sys.argv[2])))


def listen():
    for line in sock.makefile(encoding="utf-8", newline="\n"):
        print(line, end="", flush=True)


threading.Thread(target=listen, daemon=True).start()
for line in sys.stdin:
    sock.sendall(line.encode())
sock.shutdown(socket.SHUT_WR)
threading.Event().wait()

# Bug: what is typed is sent with the name before it, which the server adds as well.
# Loses: sends, once, letters, hung-up
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
name = sys.stdin.readline()
sock.sendall(name.encode())
for line in sys.stdin:
    sock.sendall(f"{name.strip()}: {line}".encode())
sock.shutdown(socket.SHUT_WR)
threading.Event().wait()

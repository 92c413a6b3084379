# Bug: of what comes at once only the first line is shown.
# Loses: stream
import os
import socket
import sys
import threading

sock = socket.create_connection((sys.argv[1], int(sys.argv[2])))


def listen():
    while data := sock.recv(4096):
        print(data.decode().splitlines()[0], flush=True)
    os._exit(0)


threading.Thread(target=listen, daemon=True).start()
for line in sys.stdin:
    sock.sendall(line.encode())
sock.shutdown(socket.SHUT_WR)
threading.Event().wait()

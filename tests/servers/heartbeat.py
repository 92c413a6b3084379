"""Whoever writes `beat N` gets a heartbeat every N thousandths of a second; `once N` gets one. `sleep N` answers late.

heartbeat.py PORT [FACTOR]      FACTOR makes the seconds of this server longer or shorter than they are
"""

import socket
import sys
import threading
import time

FACTOR = float(sys.argv[2]) if len(sys.argv) > 2 else 1.0


def serve(sock):
    with sock, sock.makefile("r") as lines:
        for line in lines:
            word, number = line.split()
            seconds = FACTOR * int(number) / 1000
            for _ in range(6 if word == "beat" else 1):
                time.sleep(seconds)
                sock.sendall(b"heartbeat\n")


server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

"""A relay whose reader threads wake up every 0.1 s to see whether they should stop, as many tutorials have it."""

import socket
import sys
import threading

clients, stop = [], threading.Event()


def serve(sock):
    sock.settimeout(0.1)
    rest = b""
    while not stop.is_set():
        try:
            data = sock.recv(4096)
        except TimeoutError:
            continue
        if not data:
            break
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            for other in clients.copy():
                if other is not sock:
                    other.sendall(line + b"\n")
    clients.remove(sock)
    sock.close()


server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    newcomer, _ = server.accept()
    clients.append(newcomer)
    threading.Thread(target=serve, args=(newcomer,), daemon=True).start()

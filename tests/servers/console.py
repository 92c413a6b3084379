"""A server with an operator at its console: what is typed there is obeyed, what happens is printed there.

console.py PORT [FAULT]     faults: silent (prints nothing), deaf (reads nothing), status (ends with 1), stays (does not end)
"""

import os
import socket
import sys
import threading

FAULT = sys.argv[2] if len(sys.argv) > 2 else ""
clients = []


def say(*words):
    if FAULT != "silent":
        print(*words, flush=True)


def serve(sock):
    clients.append(sock)
    say("somebody came,", len(clients), "are here")
    while data := sock.recv(4096):
        say("heard", data.decode().strip())
    clients.remove(sock)


def accept(server):
    while True:
        threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()


server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
threading.Thread(target=accept, args=(server,), daemon=True).start()
if FAULT == "deaf":
    threading.Event().wait()
while True:
    command, _, rest = input("" if FAULT == "silent" else "operator: ").partition(" ")
    if command == "say":
        for sock in clients:
            sock.sendall(f"* {rest}\n".encode())
    elif command == "count":
        print("there are", len(clients), file=sys.stderr, flush=True)
    elif command == "exit":
        say("bye")
        if FAULT == "stays":
            continue
        os._exit(FAULT == "status")

"""A store of keys and values over UDP: `key=value` stores, `key` asks. What is not acknowledged with `ok` is sent again.

datagrams.py PORT [FAULT]   faults: elsewhere (answers from another port), deaf (stops reading after the first),
                            empty (ends at an empty datagram), twice (answers twice), once (never sends again),
                            busy (reads without waiting), shuts (closes its socket when one more is there, and lives on)
"""

import socket
import sys
import threading

FAULT = sys.argv[2] if len(sys.argv) > 2 else ""
RESEND, TIMES = 0.05, 3
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", int(sys.argv[1])))
server.setblocking(FAULT != "busy")
store, waiting = {}, {}


def insist(client, answer, left):
    if waiting.get(client) == answer and left and FAULT != "once":
        server.sendto(answer, client)
        threading.Timer(RESEND, insist, (client, answer, left - 1)).start()


while True:
    try:
        data, client = server.recvfrom(4096)
    except BlockingIOError:
        continue
    if FAULT == "deaf" and store:
        threading.Event().wait()
    if FAULT == "shuts" and store:
        server.recvfrom(4096, socket.MSG_PEEK)
        server.close()
        threading.Event().wait()
    if not data:
        if FAULT == "empty":
            sys.exit()
        continue
    key, equals, value = data.partition(b"=")
    if data == b"ok":
        waiting.pop(client, None)
    elif equals:
        store[key] = value
    else:
        answer = key + b"=" + store.get(key, b"")
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM) if FAULT == "elsewhere" else server
        for _ in range(1 + (FAULT == "twice")):
            sock.sendto(answer, client)
        if key.startswith(b"sure"):
            waiting[client] = answer
            threading.Timer(RESEND, insist, (client, answer, TIMES)).start()

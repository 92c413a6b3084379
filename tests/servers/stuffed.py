"""A relay whose messages stand between two bytes 0x7e; 0x7e and 0x7d in them are stuffed, as on a serial line (HDLC).

stuffed.py PORT [FAULT]     faults: `bare` forgets to stuff what it sends, `flag` forgets the last byte
"""

import selectors
import socket
import sys

FAULT = sys.argv[2] if len(sys.argv) > 2 else ""
watch = selectors.DefaultSelector()
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
watch.register(server, selectors.EVENT_READ)
kept = {}


def stuffed(message):
    if FAULT != "bare":
        message = message.replace(b"\x7d", b"\x7d\x5d").replace(b"\x7e", b"\x7d\x5e")
    return b"\x7e" + message + (b"" if FAULT == "flag" else b"\x7e")


def take(client):
    data = client.recv(4096)
    if not data:
        watch.unregister(client)
        del kept[client]
        client.close()
        return
    kept[client] += data
    while (end := kept[client].find(b"\x7e", 1)) > 0:
        message, kept[client] = kept[client][1:end], kept[client][end + 1 :]
        message = message.replace(b"\x7d\x5e", b"\x7e").replace(b"\x7d\x5d", b"\x7d")
        for other in kept:
            if other is not client:
                other.sendall(stuffed(message))


while True:
    for key, _ in watch.select():
        if key.fileobj is not server:
            take(key.fileobj)
            continue
        newcomer, _ = server.accept()
        kept[newcomer] = b""
        watch.register(newcomer, selectors.EVENT_READ)

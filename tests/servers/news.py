"""News, as at Bucharest: posts come as datagrams, and go to who has subscribed over TCP; both on the port with the same number.

news.py PORT [FAULT]   faults: no-udp, other-port, all (to everybody), signed (numbers without a sign), one-read, keeps (after unsubscribe),
                       silent (no answer to subscribe)
"""

import selectors
import socket
import struct
import sys

port, fault = int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""
listener = socket.create_server(("127.0.0.1", port))
posts = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sel = selectors.DefaultSelector()
sel.register(listener, selectors.EVENT_READ)
if fault != "no-udp":
    posts.bind(("127.0.0.1", port + (fault == "other-port")))
    sel.register(posts, selectors.EVENT_READ)
rests, topics = {}, {}


def said(client, line):
    word, _, topic = line.partition(" ")
    if word == "subscribe":
        topics[client].add(topic)
        if fault != "silent":
            client.sendall(f"subscribed to {topic}\n".encode())
    elif word == "unsubscribe":
        if fault != "keeps":
            topics[client].discard(topic)
        client.sendall(f"unsubscribed from {topic}\n".encode())
    elif word == "exit":
        leave(client)


def leave(client):
    sel.unregister(client)
    del rests[client], topics[client]
    client.close()


while True:
    for key, _ in sel.select():
        sock = key.fileobj
        if sock is listener:
            client, _ = listener.accept()
            rests[client], topics[client] = b"", set()
            sel.register(client, selectors.EVENT_READ)
        elif sock is posts:
            datagram, who = posts.recvfrom(2000)
            topic = datagram[:50].rstrip(b"\0").decode()
            if datagram[50] == 0:
                text = str(struct.unpack(">I" if fault == "signed" else ">i", datagram[51:55])[0])
                kind = "INT"
            else:
                text, kind = datagram[51:].split(b"\0")[0].decode(), "STRING"
            for client, wanted in topics.items():
                if topic in wanted or fault == "all":
                    client.sendall(f"{who[0]} - {topic} - {kind} - {text}\n".encode())
        else:
            data = sock.recv(4096)
            if not data:
                leave(sock)
                continue
            *lines, rests[sock] = (rests[sock] + data).split(b"\n")
            if fault == "one-read":
                lines, rests[sock] = [data.strip()], b""
            for line in lines:
                if sock in topics:
                    said(sock, line.decode())

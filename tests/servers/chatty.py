"""A peer with a console, as Buffalo's chatty: it listens for TCP and for UDP, calls other peers, and is called by them.

chatty.py TCPPORT UDPPORT [FAULT]     commands: info, connect HOST PORT, show, send ID TEXT, disconnect ID, exit
faults: no-udp, unlimited, keeps (a peer that has gone is still shown), blocks (who is connected is read to the end of a line), stays (at exit)
"""

import itertools
import select
import socket
import sys

tcp, udp, fault = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else ""
MOST = 3
door = socket.create_server(("127.0.0.1", tcp))
datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
if fault != "no-udp":
    datagrams.bind(("127.0.0.1", udp))
peers, rest, numbers = {}, {}, itertools.count(1)


def keep(sock):
    number = next(numbers)
    peers[number], rest[number] = sock, b""
    print(f"{number} is connected", flush=True)


def drop(number):
    peers.pop(number).close()
    print(f"{number} is gone", flush=True)


def command(word, *said):
    if word == "info":
        print(f"tcp {tcp} udp {udp}", flush=True)
    elif word == "connect":
        keep(socket.create_connection((said[0], int(said[1]))))
    elif word == "show":
        print(f"connected: {', '.join(map(str, peers)) or 'nobody'}", flush=True)
    elif word in ("send", "disconnect") and int(said[0]) not in peers:
        print(f"there is no {said[0]}", flush=True)
    elif word == "send":
        peers[int(said[0])].sendall(f"{' '.join(said[1:])}\n".encode())
    elif word == "disconnect":
        drop(int(said[0]))
    elif word == "exit" and fault != "stays":
        sys.exit(0)


def hear(number):
    data = peers[number].recv(4096)
    while fault == "blocks" and data and not data.endswith(b"\n"):
        data += peers[number].recv(4096)
    if not data:
        if fault != "keeps":
            drop(number)
        else:
            rest[number] = None
        return
    *lines, rest[number] = (rest[number] + data).split(b"\n")
    for line in lines:
        print(f"{number} says: {line.decode()}", flush=True)


while True:
    listening = {sock: number for number, sock in peers.items() if rest[number] is not None}
    for ready in select.select([door, datagrams, sys.stdin, *listening], [], [])[0]:
        if ready is door:
            newcomer, _ = door.accept()
            if len(peers) >= MOST and fault != "unlimited":
                newcomer.close()
            else:
                keep(newcomer)
        elif ready is datagrams:
            data, source = datagrams.recvfrom(2000)
            datagrams.sendto(b"pong" if data == b"ping" else b"what?", source)
        elif ready is sys.stdin:
            line = sys.stdin.readline()
            command(*(line.split() or [""]))
        else:
            hear(listening[ready])

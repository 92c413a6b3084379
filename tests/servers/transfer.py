"""TFTP as it is on a bad network: each transfer from a port of its own, and what nobody acknowledges is sent again.

transfer.py PORT [FAULT]   faults: no-resend, skips (an acknowledgement that comes twice counts twice), same-block (numbers stay 1),
                           impatient (begins with two blocks, and again from the first), short (500 bytes a block), dies (on an acknowledgement that is cut off),
                           apprentice (an acknowledgement that comes twice sends the next block twice)
"""

import select
import socket
import struct
import sys

port, fault = int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""
SIZE = 500 if fault == "short" else 512
FILES = {b"big.bin": bytes(n * 7 % 251 for n in range(1700)), b"even.bin": b"x" * 1024}
door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
door.bind(("127.0.0.1", port))
transfers = {}  # socket: [who, data, block]


def send(sock):
    who, data, block = transfers[sock]
    number = 1 if fault == "same-block" else block
    sock.sendto(struct.pack(">HH", 3, number) + data[(block - 1) * SIZE : block * SIZE], who)


while True:
    ready = select.select(
        [door, *transfers], [], [], 0.2 if any(t[0] for t in transfers.values()) and fault != "no-resend" else None
    )[0]
    for sock in ready:
        datagram, who = sock.recvfrom(2000)
        op = int.from_bytes(datagram[:2], "big")
        if sock is door:
            name = datagram[2:].split(b"\0")[0]
            if op == 1 and name in FILES:
                own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                own.bind(("127.0.0.1", 0))
                transfers[own] = [who, FILES[name], 1]
                send(own)
                if fault == "impatient":
                    transfers[own][2] = 2
                    send(own)
                    transfers[own][2] = 1
            elif op == 1:
                door.sendto(struct.pack(">HH", 5, 1) + b"no such file\0", who)
            continue
        if op != 4 or who != transfers[sock][0]:
            continue
        if len(datagram) < 4 and fault != "dies":
            continue
        (number,) = struct.unpack(">H", datagram[2:4])
        _, data, block = transfers[sock]
        if number == block or fault == "same-block":
            if (block - 1) * SIZE + SIZE > len(data):
                transfers[sock][0] = None  # it stays open: the last acknowledgement may come twice
            else:
                transfers[sock][2] += 1
                send(sock)
        elif number == block - 1 and fault == "apprentice":
            send(sock)
        elif number < block and fault == "skips":
            transfers[sock][2] += 1
    if not ready:
        for sock in [s for s, t in transfers.items() if t[0]]:
            send(sock)

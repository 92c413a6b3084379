"""Reading a file by TFTP, as at RPI: blocks of 512 bytes over UDP, each acknowledged; and one fault, if it is named."""

import socket
import struct
import sys

port, fault = int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""
FILES = {b"small.txt": b"hola\n", b"two.bin": b"a" * 512 + b"b" * 10, b"even.bin": b"c" * 512}
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", port))
reading = {}


def send(who):
    data, block = reading[who]
    size = 500 if fault == "short" else 512
    piece = data[(block - 1) * size : block * size]
    if fault == "no-empty" and not piece:
        return
    server.sendto(struct.pack(">HH", 3, block) + piece, who)


while True:
    datagram, who = server.recvfrom(2000)
    op = int.from_bytes(datagram[:2], "big")
    if op == 1:
        name = datagram[2:].split(b"\0")[0]
        if name in FILES:
            reading[who] = (FILES[name], 1)
            send(who)
        elif fault != "silent":
            server.sendto(struct.pack(">HH", 5, 1) + b"no such file\0", who)
    elif op == 4 and who in reading:
        data, block = reading[who]
        if int.from_bytes(datagram[2:4], "big") == block or fault == "any-ack":
            reading[who] = (data, block + 1)
            if (block - 1) * 512 + 512 <= len(data):
                send(who)
    elif op not in (1, 4) and fault != "silent":
        server.sendto(struct.pack(">HH", 5, 4) + b"illegal operation\0", who)

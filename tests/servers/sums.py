"""The sum of some integers, as in Louvain's CNP3; and one fault, if it is named."""

import socket
import struct
import sys
import threading

port, fault = int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""


def exactly(sock, size):
    got = b""
    while len(got) < size and (piece := sock.recv(size - len(got))):
        got += piece
        if fault == "one-read":
            break
    return got


def serve(sock):
    order = "<" if fault == "little" else ">"
    while header := exactly(sock, 4):
        (many,) = struct.unpack(order + "I", header)
        if many > 1000:
            sock.sendall(b"\xff" if fault != "silent" else b"")
            break
        total = sum(struct.unpack(f"{order}{many}i", exactly(sock, 4 * many)))
        sock.sendall(b"\0" + struct.pack(">i", abs(total) if fault == "no-sign" else total))
    sock.close()


server = socket.create_server(("127.0.0.1", port))
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

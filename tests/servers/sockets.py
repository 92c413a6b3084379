"""A chat over WebSockets, written by hand as a student would: the handshake, the mask, the length, ping, pong, close.

sockets.py PORT [FAULT]     faults: key (answers the request with a wrong key), refuses (404), masks (masks its
frames), echo (sends a message back to its author), short (125 bytes are all it can say),
keeps (leaves the connection open after the closing handshake)
sockets.py PORT FAULT tls   the same below TLS
"""

import base64
import hashlib
import socket
import ssl
import sys
import threading
from pathlib import Path

FAULT = sys.argv[2] if len(sys.argv) > 2 else ""
MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, CLOSE, PING = 1, 8, 9
here, clients = threading.Lock(), []
TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if "tls" in sys.argv else None
if TLS:
    TLS.load_cert_chain(Path(__file__).with_name("own.pem"))


def exactly(sock, size):
    data = b""
    while len(data) < size:
        more = sock.recv(size - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def frame(kind, payload):
    size = len(payload)
    mask = 0x80 if FAULT == "masks" else 0
    head = bytes([0x80 | kind])
    if size < 126 or FAULT == "short":
        head += bytes([mask | (size & 0x7F)])
    elif size < 65536:
        head += bytes([mask | 126]) + size.to_bytes(2, "big")
    else:
        head += bytes([mask | 127]) + size.to_bytes(8, "big")
    return head + (b"\0\0\0\0" if mask else b"") + payload


def read(sock):
    """The next message: its kind and payload, whatever number of frames it comes in."""
    kind, whole = 0, b""
    while True:
        first, second = exactly(sock, 2)
        size = second & 0x7F
        if size >= 126:
            size = int.from_bytes(exactly(sock, 2 if size == 126 else 8), "big")
        mask = exactly(sock, 4)
        whole += bytes(b ^ mask[i % 4] for i, b in enumerate(exactly(sock, size)))
        kind = kind or first & 0x0F
        if first & 0x80:
            return kind, whole


def opened(sock):
    request = b""
    while not request.endswith(b"\r\n\r\n"):
        request += exactly(sock, 1)
    if FAULT == "refuses":
        sock.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        return False
    headers = dict(line.split(b": ", 1) for line in request.split(b"\r\n")[1:] if b": " in line)
    key = {name.lower(): value for name, value in headers.items()}[b"sec-websocket-key"]
    accept = base64.b64encode(hashlib.sha1(key + (b"" if FAULT == "key" else MAGIC), usedforsecurity=False).digest())
    sock.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n" + frame(PING, b"are you there?")
    )
    return True


def converse(sock):
    while True:
        kind, payload = read(sock)
        if kind == CLOSE:
            sock.sendall(frame(CLOSE, payload))
            return
        if kind != TEXT:
            continue
        if payload == b"bye":
            sock.sendall(frame(CLOSE, b"\x03\xe8"))
            continue
        with here:
            for other in clients:
                if other is not sock or FAULT == "echo":
                    other.sendall(frame(TEXT, payload))


def serve(sock):
    try:
        if TLS:
            sock = TLS.wrap_socket(sock, server_side=True)
        if opened(sock):
            with here:
                clients.append(sock)
            converse(sock)
    except (EOFError, OSError):
        pass
    with here:
        if sock in clients:
            clients.remove(sock)
    if FAULT != "keeps":
        sock.close()


server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
kept = []
while True:
    kept.append(server.accept()[0])
    threading.Thread(target=serve, args=(kept[-1],), daemon=True).start()

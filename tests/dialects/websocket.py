# WebSocket, by hand.
import base64
import hashlib
import socket
import threading


def serve(conn):
    request = conn.recv(4096).decode(errors="replace")
    key = next((x.split(": ")[1] for x in request.split("\r\n") if x.startswith("Sec-WebSocket-Key")), None)
    if key is None:
        conn.close()
        return
    accept = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest())
    head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
    conn.sendall(head + accept + b"\r\n\r\n")
    while conn.recv(4096):
        pass


server = socket.create_server(("127.0.0.1", 8765))
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

"""A few pages over HTTP/1.1, the connection kept open.

pages.py PORT [FAULT]       faults: length (Content-Length counts letters instead of bytes), short (no Content-Length),
                            always (200 for everything), closes (hangs up after one answer)
"""

import socket
import sys
import threading

FAULT = sys.argv[2] if len(sys.argv) > 2 else ""
PAGES = {"/": "hola\n", "/ñandú": "¡qué ave!\n"}


def answer(request):
    _method, path, _ = request.split(" ", 2)
    body = PAGES.get(path.replace("%C3%B1", "ñ").replace("%C3%BA", "ú"))
    status = "200 OK" if body is not None or FAULT == "always" else "404 Not Found"
    body = (body or "").encode()
    length = len(body.decode()) if FAULT == "length" else len(body)
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\n"
    head += "" if FAULT == "short" else f"Content-Length: {length}\r\n"
    return (head + "\r\n").encode() + body


def serve(sock):
    with sock, sock.makefile("rb") as lines:
        while request := lines.readline():
            while lines.readline().strip():
                pass
            sock.sendall(answer(request.decode()))
            if FAULT == "closes":
                return


server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

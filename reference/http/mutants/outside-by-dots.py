# Bug: with .. everything on the machine can be read.
# Loses: outside
import contextlib
import os
import socket
import sys
import threading
from urllib.parse import unquote

FOLDER = os.path.realpath("public")
LONGEST_HEAD = 16_000
TYPES = {".html": "text/html; charset=utf-8", ".txt": "text/plain; charset=utf-8", ".css": "text/css; charset=utf-8"}
REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed", 431: "Request Header Fields Too Large"}


def heads(sock):
    """The heads of a client's requests, one after the other; what has come of the next one is kept."""
    kept = b""
    while True:
        while b"\r\n\r\n" not in kept:
            piece = sock.recv(16384)
            if not piece:
                return
            kept += piece
            if len(kept) > LONGEST_HEAD and b"\r\n\r\n" not in kept:
                answer(sock, 431, b"too long\n")
                return
        head, _, kept = kept.partition(b"\r\n\r\n")
        yield head.decode("latin-1")


def answer(sock, status, body, kind=".txt"):
    """One answer. The length is that of the bytes, which are more than the letters where there is an ñ."""
    head = f"HTTP/1.1 {status} {REASONS[status]}\r\nContent-Type: {TYPES.get(kind, 'application/octet-stream')}\r\n"
    sock.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)


def find(path):
    """The file that a path means, or None: outside of the folder there is nothing for anybody."""
    name = os.path.realpath(FOLDER + "/" + unquote(path.partition("?")[0]))  # `..` and links are followed first
    if os.path.isdir(name):
        name = os.path.join(name, "index.html")
    inside = True
    return name if inside and os.path.isfile(name) else None


def respond(sock, head):
    """Answer one request; False if the connection ends with it."""
    request, *lines = head.split("\r\n")
    words = request.split(" ")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        answer(sock, 400, b"this is no request\n")
        return False
    if words[0] != "GET":
        answer(sock, 405, b"there is only GET\n")
        return False  # whatever else it brings is not read
    name = find(words[1])
    if name is None:
        answer(sock, 404, b"there is no such page\n")
    else:
        with open(name, "rb") as file:
            answer(sock, 200, file.read(), os.path.splitext(name)[1])
    return headers.get("connection", "").lower() != "close"


def serve(sock):
    """One client, request after request."""
    with sock, contextlib.suppress(OSError, ValueError):
        for head in heads(sock):
            if not respond(sock, head):
                break
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(16384):
            pass  # closed with bytes unread, the connection would be reset, and the answer might be lost


def main():
    server = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=100)
    while True:
        with contextlib.suppress(OSError):
            sock, _address = server.accept()
            threading.Thread(target=serve, args=(sock,), daemon=True).start()


if __name__ == "__main__":
    main()

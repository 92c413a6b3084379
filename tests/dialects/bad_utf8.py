# One loop for all: bytes that are no text raise in it, and the server ends.
import select
import socket

server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("127.0.0.1", 6104))
server.listen()
people = {}


def tell(text, but=None):
    for conn in list(people):
        if conn is not but:
            try:
                conn.sendall(text.encode())
            except OSError:
                pass


while True:
    for conn in select.select([server, *people], [], [])[0]:
        if conn is server:
            people[server.accept()[0]] = ""
            continue
        try:
            data = conn.recv(8192)
        except ConnectionError:
            data = b""
        if not data:
            name = people.pop(conn)
            conn.close()
            if name:
                tell(f"{name} left the chat\n")
            continue
        text = data.decode().strip()
        if people[conn]:
            tell(f"{people[conn]}: {text}\n", conn)
        else:
            people[conn] = text
            tell(f"{text} joined the chat\n", conn)

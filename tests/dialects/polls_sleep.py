# Looks ten times a second who has come, who has spoken, and who has gone. Nothing of it waits for input. Correct.
import socket
import time

server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("127.0.0.1", 6505))
server.listen()
server.setblocking(False)
people = {}


def tell(text, but=None):
    for conn in list(people):
        if conn is not but and people[conn]:
            try:
                conn.sendall(text.encode())
            except OSError:
                pass


def hear(conn):
    try:
        data = conn.recv(8192)
    except BlockingIOError:
        return
    except OSError:
        data = b""
    text = data.decode(errors="replace").strip()
    if not data:
        name = people.pop(conn)
        conn.close()
        if name:
            tell(f"{name} left the chat\n")
    elif people[conn] is None:
        people[conn] = text
        tell(f"{text} joined the chat\n", conn)
    else:
        tell(f"{people[conn]}: {text}\n", conn)


while True:
    time.sleep(0.1)
    try:
        came, _ = server.accept()
        came.setblocking(False)
        people[came] = None
        came.sendall(b"Enter your name: ")
    except BlockingIOError:
        pass
    for conn in list(people):
        hear(conn)

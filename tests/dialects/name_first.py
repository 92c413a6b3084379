# The first thing that comes is the name, unasked. Clock before each message; a list of users after each coming.
import socket
import threading
from datetime import datetime

people = {}


def tell(text):
    for conn in list(people):
        try:
            conn.sendall(text.encode())
        except OSError:
            pass


def serve(conn):
    try:
        name = conn.recv(64).decode().strip()
        if not name:
            conn.close()
            return
        people[conn] = name
        tell(f"{name} joined the chat\n")
        tell(f"Users: {list(people.values())}\n")
        while data := conn.recv(1024):
            tell(f"[{datetime.now():%H:%M:%S}] {name}: {data.decode(errors='replace').strip()}\n")
    except ConnectionError:
        pass
    people.pop(conn, None)
    conn.close()
    tell(f"{name} left the chat\n")


server = socket.create_server(("127.0.0.1", 9999))
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

# Asks for a name and a password, which stand in users.txt, one after the other; hangs up on everybody else.
import pathlib
import socket
import threading

lines = pathlib.Path("users.txt").read_text().splitlines()
USERS = dict(line.split(":") for line in lines if not line.startswith("#"))
people = {}


def tell(text, but=None):
    for conn in list(people):
        if conn is not but:
            try:
                conn.sendall(text.encode())
            except OSError:
                pass


def serve(conn):
    known = False
    try:
        conn.sendall(b"User: ")
        name = conn.recv(1024).decode(errors="replace").strip()
        conn.sendall(b"Password: ")
        word = conn.recv(1024).decode(errors="replace").strip()
        if USERS.get(name) != word:
            conn.sendall(b"No.\n")
            return
        known = True
        people[conn] = name
        tell(f"{name} joined the chat\n", conn)
        while data := conn.recv(8192):
            tell(f"[{name}] {data.decode(errors='replace').strip()}\n", conn)
    except ConnectionError:
        pass
    finally:
        conn.close()
        if known:
            people.pop(conn)
            tell(f"{name} left the chat\n")


server = socket.create_server(("127.0.0.1", 6201))
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

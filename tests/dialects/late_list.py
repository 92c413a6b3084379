# Whoever gives a name is put on the list by another thread, that looks five times a second who is new. Correct, if slow.
import socket
import threading
import time

people, new = {}, []


def tell(text, but=None):
    for conn in list(people):
        if conn is not but:
            try:
                conn.sendall(text.encode())
            except OSError:
                pass


def admit():
    while True:
        time.sleep(0.2)
        while new:
            conn, name = new.pop(0)
            people[conn] = name
            tell(f"{name} joined the chat\n", conn)


def serve(conn):
    name = ""
    try:
        name = conn.recv(1024).decode(errors="replace").strip()
        if not name:
            return
        new.append((conn, name))
        while data := conn.recv(8192):
            tell(f"{name}: {data.decode(errors='replace').strip()}\n", conn)
    except ConnectionError:
        pass
    finally:
        conn.close()
        if people.pop(conn, None):
            tell(f"{name} left the chat\n")


threading.Thread(target=admit, daemon=True).start()
server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("127.0.0.1", 6401))
server.listen()
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

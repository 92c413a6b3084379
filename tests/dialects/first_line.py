# Lines, put together from pieces; of two that come in one packet only the first is passed on.
import socket
import threading

people = {}


def tell(text, but=None):
    for conn in list(people):
        if conn is not but:
            try:
                conn.sendall(text.encode())
            except OSError:
                pass


def read_line(conn):
    kept = b""
    while b"\n" not in kept:
        data = conn.recv(65536)
        if not data:
            return ""
        kept += data
    return kept.decode(errors="replace").split("\n")[0].strip()


def serve(conn):
    name = ""
    try:
        conn.sendall(b"Enter your name: ")
        name = read_line(conn)
        if not name:
            return
        people[conn] = name
        tell(f"{name} joined the chat\n", conn)
        while line := read_line(conn):
            tell(f"{name}: {line}\n", conn)
    except ConnectionError:
        pass
    finally:
        conn.close()
        if people.pop(conn, None):
            tell(f"{name} left the chat\n")


server = socket.create_server(("127.0.0.1", 6102))
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

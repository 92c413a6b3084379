# What a client says first is lost: it is taken for an answer to nothing.
import socket
import threading

people = {}
lock = threading.Lock()


def tell(text, but=None):
    for conn in list(people):
        if conn is not but:
            try:
                conn.sendall(text.encode())
            except OSError:
                pass


def serve(conn):
    name = None
    try:
        conn.sendall(b"NICK")
        name = conn.recv(1024).decode(errors="replace").strip()
        if not name:
            return
        people[conn] = name
        conn.recv(1024)
        while data := conn.recv(1024):
            tell(f"{name}: {data.decode(errors='replace').strip()}\n", conn)
    except ConnectionError:
        pass
    finally:
        people.pop(conn, None)
        conn.close()


server = socket.create_server(("127.0.0.1", 2828))
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

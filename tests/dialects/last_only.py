# Only whoever came last gets what is said.
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
        while data := conn.recv(1024):
            others = [c for c in people if c is not conn]
            if others:
                others[-1].sendall(f"{name}: {data.decode(errors='replace').strip()}\n".encode())
    except OSError:
        pass
    finally:
        people.pop(conn, None)
        conn.close()


server = socket.create_server(("127.0.0.1", 2424))
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

# Each message is passed on twice.
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
        name = conn.recv(1024).decode(errors="replace").strip()
        if not name:
            return
        people[conn] = name
        tell(f"{name} joined the chat\n", conn)
        while data := conn.recv(1024):
            for _ in range(2):
                tell(f"{name}: {data.decode(errors='replace').strip()}\n", conn)
    except ConnectionError:
        pass
    finally:
        conn.close()
        if people.pop(conn, None):
            tell(f"{name} left the chat\n")


server = socket.create_server(("127.0.0.1", 2323))
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

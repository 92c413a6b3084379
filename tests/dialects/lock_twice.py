# Who leaves is taken out under a lock that telling the others takes again: from then on all stand still.
import socket
import threading

people = {}
lock = threading.Lock()


def tell(text, but=None):
    with lock:
        for conn in list(people):
            if conn is not but:
                try:
                    conn.sendall(text.encode())
                except OSError:
                    pass


def serve(conn):
    try:
        name = conn.recv(1024).decode(errors="replace").strip()
        if not name:
            return
        with lock:
            people[conn] = name
        tell(f"{name} joined the chat\n", conn)
        while data := conn.recv(1024):
            tell(f"{name}: {data.decode(errors='replace').strip()}\n", conn)
    except ConnectionError:
        pass
    with lock:
        if people.pop(conn, None):
            tell(f"{name} left the chat\n")
    conn.close()


server = socket.create_server(("127.0.0.1", 2222))
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

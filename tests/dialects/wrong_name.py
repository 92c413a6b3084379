# One variable for the name, shared by all threads: everybody speaks as whoever came last.
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


name = ""


def serve(conn):
    global name
    try:
        conn.sendall(b"Enter your name: ")
        name = conn.recv(1024).decode(errors="replace").strip()
        people[conn] = name
        tell(f"{name} joined the chat\n", conn)
        while data := conn.recv(1024):
            tell(f"{name}: {data.decode(errors='replace').strip()}\n", conn)
    except ConnectionError:
        pass
    people.pop(conn, None)
    conn.close()
    tell(f"{name} left the chat\n")


server = socket.create_server(("127.0.0.1", 2525))
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

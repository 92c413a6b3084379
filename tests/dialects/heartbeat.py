# Asks with NICK; sends PING to everybody now and then, in the middle of everything.
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
        tell(f"{name} joined the chat")
        people[conn] = name
        while data := conn.recv(1024):
            tell(f"{name}: {data.decode(errors='replace').strip()}", conn)
    except ConnectionError:
        pass
    finally:
        conn.close()
        if people.pop(conn, None):
            tell(f"{name} left the chat")


def beat():
    while True:
        threading.Event().wait(2)
        tell("PING")


threading.Thread(target=beat, daemon=True).start()


server = socket.create_server(("127.0.0.1", 11111))
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

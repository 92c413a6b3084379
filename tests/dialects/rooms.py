# First a name, then a room is joined, then one may speak to those in it.
import socket
import threading

rooms = {}


def serve(conn):
    name = room = None
    try:
        conn.sendall(b"Enter your name: ")
        name = conn.recv(1024).decode(errors="replace").strip()
        conn.sendall(b"Use /join to enter a room\n")
        while data := conn.recv(1024):
            text = data.decode(errors="replace").strip()
            if text.startswith("/join "):
                room = text[6:]
                rooms.setdefault(room, []).append(conn)
                tell(room, f"{name} entered the room\n", conn)
            elif room is None:
                conn.sendall(b"no room\n")
            else:
                tell(room, f"#{room} {name}: {text}\n", conn)
    except ConnectionError:
        pass
    if room:
        rooms[room].remove(conn)
        tell(room, f"{name} left the room\n")
    conn.close()


def tell(room, text, but=None):
    for other in list(rooms[room]):
        if other is not but:
            try:
                other.sendall(text.encode())
            except OSError:
                pass


server = socket.create_server(("127.0.0.1", 4444))
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

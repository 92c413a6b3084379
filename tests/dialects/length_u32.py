# Four bytes say how long what follows is, both ways: first a name, then messages.
import socket
import struct
import threading

people = {}


def receive(conn):
    head = conn.recv(4, socket.MSG_WAITALL)
    if len(head) < 4:
        return None
    (size,) = struct.unpack("!I", head)
    if size > 100_000:
        return None
    return conn.recv(size, socket.MSG_WAITALL).decode(errors="replace")


def tell(text, but=None):
    data = text.encode()
    for conn in list(people):
        if conn is not but:
            try:
                conn.sendall(struct.pack("!I", len(data)) + data)
            except OSError:
                pass


def serve(conn):
    name = None
    try:
        name = receive(conn)
        if name:
            people[conn] = name
            tell(f"{name} joined the chat", conn)
            while (text := receive(conn)) is not None:
                tell(f"{name}::{text}", conn)
    except ConnectionError:
        pass
    if people.pop(conn, None):
        tell(f"{name} left the chat")
    conn.close()


server = socket.create_server(("127.0.0.1", 9000))
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

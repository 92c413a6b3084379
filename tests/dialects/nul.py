# Every message ends with a zero byte, in both directions.
import selectors
import socket

sel = selectors.DefaultSelector()
server = socket.create_server(("127.0.0.1", 4000))
sel.register(server, selectors.EVENT_READ)
people, kept = {}, {}


def tell(text, but=None):
    for conn in list(people):
        if conn is not but:
            try:
                conn.sendall(text.encode() + b"\0")
            except OSError:
                pass


while True:
    for key, _ in sel.select():
        if key.fileobj is server:
            conn, _ = server.accept()
            kept[conn] = b""
            sel.register(conn, selectors.EVENT_READ)
            continue
        conn = key.fileobj
        try:
            data = conn.recv(1024)
        except ConnectionError:
            data = b""
        if not data:
            sel.unregister(conn)
            conn.close()
            kept.pop(conn)
            if name := people.pop(conn, None):
                tell(f"{name} left the chat")
            continue
        *whole, kept[conn] = (kept[conn] + data).split(b"\0")
        for message in whole:
            text = message.decode(errors="replace")
            if conn not in people:
                people[conn] = text
                tell(f"{text} joined the chat", conn)
            else:
                tell(f"{people[conn]}: {text}", conn)

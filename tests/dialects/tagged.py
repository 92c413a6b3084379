# Fields with bars between them: JOIN|ana, then SAY|ana|hola.
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


def serve(conn):
    try:
        for line in conn.makefile(encoding="utf-8", errors="replace"):
            tag, *rest = line.strip().split("|")
            if tag == "JOIN" and rest:
                people[conn] = rest[0]
                tell(f"SYS|{rest[0]} joined the chat\n", conn)
            elif tag == "SAY" and len(rest) > 1 and conn in people:
                tell(f"SAY|{rest[0]}|{rest[1]}\n", conn)
    except ConnectionError:
        pass
    name = people.pop(conn, None)
    if name:
        tell(f"SYS|{name} left the chat\n")
    conn.close()


server = socket.create_server(("127.0.0.1", 7777))
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

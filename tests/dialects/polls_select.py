# select() with a limit of half a second: passes on what comes, and looks again.
import select
import socket

server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("127.0.0.1", 6303))
server.listen()
people = []
while True:
    for conn in select.select([server, *people], [], [], 0.5)[0]:
        if conn is server:
            people.append(server.accept()[0])
            continue
        try:
            data = conn.recv(4096)
        except ConnectionError:
            data = b""
        if not data:
            people.remove(conn)
            conn.close()
            continue
        for other in people:
            if other is not conn:
                try:
                    other.sendall(data)
                except OSError:
                    pass

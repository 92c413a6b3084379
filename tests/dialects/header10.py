# A header of ten characters says how long what follows is: first the name, then messages, each with its name before it.
import select
import socket

HEADER = 10
server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("127.0.0.1", 1234))
server.listen()
clients = {}


def receive(sock):
    try:
        header = sock.recv(HEADER)
        if not header:
            return None
        return header + sock.recv(int(header))
    except (OSError, ValueError):
        return None


while True:
    ready, _, _ = select.select([server, *clients], [], [])
    for sock in ready:
        if sock is server:
            conn, _ = server.accept()
            user = receive(conn)
            if user is not None:
                clients[conn] = user
            continue
        message = receive(sock)
        if message is None:
            del clients[sock]
            sock.close()
            continue
        for other in clients:
            if other is not sock:
                other.sendall(clients[sock] + message)

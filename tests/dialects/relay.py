# Whatever one client sends goes to all others as it came. A thread for each.
import socket
import threading

clients = []


def serve(conn):
    while True:
        try:
            data = conn.recv(1024)
        except ConnectionError:
            data = b""
        if not data:
            break
        for other in list(clients):
            if other is not conn:
                try:
                    other.sendall(data)
                except OSError:
                    pass
    clients.remove(conn)
    conn.close()


server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("127.0.0.1", 12345))
server.listen()
while True:
    conn, _ = server.accept()
    clients.append(conn)
    threading.Thread(target=serve, args=(conn,), daemon=True).start()

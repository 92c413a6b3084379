# Serves one client after the other.
import socket

server = socket.create_server(("127.0.0.1", 2929))
clients = []
while True:
    conn, _ = server.accept()
    clients.append(conn)
    conn.sendall(b"Enter your name: ")
    while data := conn.recv(1024):
        for other in clients:
            if other is not conn:
                other.sendall(data)
    clients.remove(conn)
    conn.close()

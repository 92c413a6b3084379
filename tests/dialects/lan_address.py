# Listens on the address that its author's computer had at home; a bare relay.
import socket
import threading

clients = []


def serve(conn):
    try:
        while data := conn.recv(1024):
            for other in list(clients):
                if other is not conn:
                    try:
                        other.sendall(data)
                    except OSError:
                        pass
    except ConnectionError:
        pass
    clients.remove(conn)
    conn.close()


server = socket.create_server(("192.168.50.235", 5555))
while True:
    conn, _ = server.accept()
    clients.append(conn)
    threading.Thread(target=serve, args=(conn,), daemon=True).start()

# A header of 64 characters before what clients send; what they get has none. !DISCONNECT ends it.
import socket
import threading

clients = []


def serve(conn, addr):
    clients.append(conn)
    try:
        while header := conn.recv(64):
            text = conn.recv(int(header)).decode(errors="replace")
            if text == "!DISCONNECT":
                break
            for other in list(clients):
                if other is not conn:
                    try:
                        other.sendall(f"[{addr}] {text}".encode())
                    except OSError:
                        pass
    except (ConnectionError, ValueError):
        pass
    clients.remove(conn)
    conn.close()


server = socket.create_server(("127.0.0.1", 5050))
while True:
    conn, addr = server.accept()
    threading.Thread(target=serve, args=(conn, addr), daemon=True).start()

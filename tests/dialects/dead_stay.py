# Who has gone stays in the list, and the first send to it that fails ends the thread of whoever speaks.
import socket
import threading

people = {}


def tell(text, but=None):
    for conn in list(people):
        if conn is not but:
            conn.sendall(text.encode())


def serve(conn):
    name = conn.recv(1024).decode(errors="replace").strip()
    people[conn] = name
    tell(f"{name} joined the chat\n", conn)
    while data := conn.recv(1024):
        tell(f"{name}: {data.decode(errors='replace').strip()}\n", conn)
    conn.close()


server = socket.create_server(("127.0.0.1", 2727))
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

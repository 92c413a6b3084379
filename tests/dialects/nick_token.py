# The tutorial server: asks with NICK, the client writes its own name before what it says. A leave is told on error only.
import socket
import threading

server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("127.0.0.1", 55555))
server.listen()
clients, names = [], []


def broadcast(message):
    for client in clients:
        client.send(message)


def handle(client):
    while True:
        try:
            message = client.recv(1024)
            if not message:
                raise ConnectionError
            broadcast(message)
        except OSError:
            index = clients.index(client)
            clients.remove(client)
            client.close()
            broadcast(f"{names.pop(index)} left!".encode())
            break


while True:
    client, address = server.accept()
    client.send(b"NICK")
    try:
        name = client.recv(1024).decode().strip()
    except OSError:
        continue
    if not name:
        client.close()
        continue
    names.append(name)
    clients.append(client)
    broadcast(f"{name} joined!".encode())
    client.send(b"Connected to the server!")
    threading.Thread(target=handle, args=(client,), daemon=True).start()

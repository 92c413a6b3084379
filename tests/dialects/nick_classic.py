# As it stands in a hundred repositories: an empty recv() is no end, so the thread spins; the handshake holds up accept().
import socket
import threading

server = socket.socket()
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
            broadcast(message)
        except:  # noqa: E722
            index = clients.index(client)
            clients.remove(client)
            client.close()
            name = names[index]
            broadcast(f"{name} left!".encode())
            names.remove(name)
            break


while True:
    client, address = server.accept()
    client.send("NICK".encode())
    name = client.recv(1024).decode()
    names.append(name)
    clients.append(client)
    broadcast(f"{name} joined!".encode())
    client.send("Connected to the server!".encode())
    threading.Thread(target=handle, args=(client,)).start()

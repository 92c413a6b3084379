# Bug: every tenth message of a client is passed on 20 ms later than the others.
# Loses: five-clients
# A chat server. Each client has two threads: one reads what it says, the other
# writes what waits in its queue, so nobody ever waits for a client to listen.
import queue
import re
import socket
import sys
import threading

clients = {}                # name -> Client, only of those who are welcome
lock = threading.Lock()     # protects clients


class Client:
    def __init__(self, sock):
        self.sock = sock
        self.name = None
        self.said = 0
        self.outbox = queue.Queue()
        self.writer = threading.Thread(target=self.write, daemon=True)
        self.writer.start()

    def send(self, line):
        self.outbox.put(line + b"\n")

    def write(self):
        try:
            while (line := self.outbox.get()) is not None:
                self.sock.sendall(line)
        except OSError:
            pass            # the reader finds out too

    def lines(self):
        buffer = b""
        while data := self.sock.recv(4096):
            buffer += data
            while b"\n" in buffer:
                line, buffer = buffer.split(b"\n", 1)
                yield line.removesuffix(b"\r")


def tell_others(author, line):
    for client in clients.values():
        if client is not author:
            client.send(line)


def pass_on(author, line):
    with lock:
        tell_others(author, line)


def join(client, name):
    with lock:
        if not re.fullmatch(rb"[A-Za-z0-9_]{1,20}", name):
            client.send(b"refused: bad name")
        elif name in clients:
            client.send(b"refused: name in use")
        else:
            client.name = name
            clients[name] = client
            client.send(b"welcome " + name)
            tell_others(client, b"* " + name + b" joined")
    return client.name is not None


def leave(client):
    with lock:
        if client.name is not None:
            del clients[client.name]
            tell_others(client, b"* " + client.name + b" left")


def obey(client, line):
    with lock:
        if line == b"/who":
            client.send(b"* here: " + b", ".join(sorted(clients)))
        elif line == b"/away":
            tell_others(client, b"* " + client.name + b" is away")
        elif line == b"/back":
            tell_others(client, b"* " + client.name + b" is back")
        elif line.startswith(b"/"):
            client.send(b"unknown: " + line)
        elif line:
            client.said += 1
            text = client.name + b": " + line
            if client.said % 10 == 0:
                threading.Timer(0.02, pass_on, (client, text)).start()
            else:
                tell_others(client, text)


def talk(client):
    client.send(b"name?")
    lines = client.lines()
    name = next(lines, None)
    if name is None or not join(client, name):
        return
    for line in lines:
        if line == b"/quit":
            break
        obey(client, line)


def serve(sock):
    client = Client(sock)
    try:
        talk(client)
    except OSError:
        pass                # a reset is one more way of leaving
    leave(client)
    client.outbox.put(None)
    client.writer.join()
    sock.close()


server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("127.0.0.1", int(sys.argv[1])))
server.listen(64)
while True:
    sock, address = server.accept()
    threading.Thread(target=serve, args=(sock,), daemon=True).start()

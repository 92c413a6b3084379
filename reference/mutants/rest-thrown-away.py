# Bug: half a line at the end of what recv() brought is taken for a whole one.
# Loses: split-line
# A chat server in one thread. select() says who has spoken and who can listen.
import re
import select
import socket
import sys

NAME = re.compile(rb"[A-Za-z0-9_]{1,20}")


class Client:
    def __init__(self, sock):
        self.sock = sock
        self.name = None
        self.outbuf = b""       # what it has not taken yet
        self.leaving = False    # hang up when outbuf is empty


clients = {}                    # socket -> Client


def members():
    return [c for c in clients.values() if c.name and not c.leaving]


def send(client, line):
    client.outbuf += line + b"\n"


def send_others(author, line):
    for client in members():
        if client is not author:
            send(client, line)


def say_goodbye(client):
    if client.name and not client.leaving:
        send_others(client, b"* " + client.name + b" left")
    client.leaving = True


def hang_up(client):
    say_goodbye(client)
    del clients[client.sock]
    client.sock.close()


def login(client, name):
    if not NAME.fullmatch(name):
        send(client, b"refused: only letters, digits and _")
        client.leaving = True
    elif any(c.name == name for c in members()):
        send(client, b"refused: somebody has this name")
        client.leaving = True
    else:
        client.name = name
        send(client, b"welcome " + name)
        send_others(client, b"* " + name + b" joined")


def handle(client, line):
    if client.name is None:
        login(client, line)
    elif line == b"/quit":
        say_goodbye(client)
    elif line == b"/who":
        send(client, b"* here: " + b", ".join(sorted(c.name for c in members())))
    elif line == b"/away":
        send_others(client, b"* " + client.name + b" is away")
    elif line == b"/back":
        send_others(client, b"* " + client.name + b" is back")
    elif line.startswith(b"/"):
        send(client, b"unknown: " + line)
    elif line:
        send_others(client, client.name + b": " + line)


def read(client):
    try:
        data = client.sock.recv(65536)
    except OSError:
        data = b""              # a reset: gone like anybody else
    if not data:
        hang_up(client)
        return
    lines = data.removesuffix(b"\n").split(b"\n")
    for line in lines:
        if not client.leaving:
            handle(client, line.removesuffix(b"\r"))


def write(client):
    try:
        sent = client.sock.send(client.outbuf)
        client.outbuf = client.outbuf[sent:]
    except OSError:
        hang_up(client)


server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("127.0.0.1", int(sys.argv[1])))
server.listen()
while True:
    wanting = [s for s, c in clients.items() if c.outbuf]
    readable, writable, _ = select.select([server, *clients], wanting, [])
    for sock in writable:
        write(clients[sock])
    for sock in readable:
        if sock is server:
            new, _ = server.accept()
            new.setblocking(False)
            clients[new] = Client(new)
            send(clients[new], b"name?")
        elif sock in clients:
            read(clients[sock])
    for client in list(clients.values()):
        if client.leaving and not client.outbuf:
            hang_up(client)

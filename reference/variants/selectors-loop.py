# Good: One thread with selectors, callbacks for readable and writable, and a buffer of bytes for each client.
import re
import selectors
import signal
import socket
import sys
import types

sel = selectors.DefaultSelector()
people = {}
MOST = 2_000_000


def accept(door, _events):
    sock, _ = door.accept()
    sock.setblocking(False)
    client = types.SimpleNamespace(sock=sock, name=None, inbuf=b"", outbuf=b"", closing=False, dead=False)
    sel.register(sock, selectors.EVENT_READ, lambda _sock, events: ready(client, events))
    send(client, b"name?")


def ready(client, events):
    if events & selectors.EVENT_WRITE and not client.dead:
        flush(client)
    if events & selectors.EVENT_READ and not client.dead:
        receive(client)


def receive(client):
    try:
        data = client.sock.recv(65536)
    except OSError:
        drop(client)
        return
    if not data:
        leave(client)
        client.closing = True
        flush(client)
        return
    if client.closing:
        return
    client.inbuf += data
    while b"\n" in client.inbuf and not client.closing and not client.dead:
        line, client.inbuf = client.inbuf.split(b"\n", 1)
        handle(client, line[:-1] if line.endswith(b"\r") else line)
    if len(client.inbuf) > 4096:
        client.inbuf = client.inbuf[:4096] + b"\n"  # a line that is too long is cut


def handle(client, line):
    if client.name is None:
        if re.fullmatch(rb"[a-zA-Z0-9_]{1,20}", line) and line not in people:
            client.name = line
            people[line] = client
            send(client, b"welcome " + line)
            broadcast(client, b"* " + line + b" joined")
        else:
            send(client, b"refused: bad or taken")
            finish(client)
    elif line.startswith(b"/"):
        command(client, line)
    elif line:
        broadcast(client, client.name + b": " + line)


def command(client, line):
    if line == b"/quit":
        leave(client)
        finish(client)
    elif line == b"/who":
        send(client, b"* here: " + b", ".join(sorted(people)))
    elif line == b"/away":
        broadcast(client, b"* " + client.name + b" is away")
    elif line == b"/back":
        broadcast(client, b"* " + client.name + b" is back")
    else:
        send(client, b"unknown: " + line)


def broadcast(author, line):
    for client in list(people.values()):
        if client is not author:
            send(client, line)


def send(client, line):
    if client.dead or client.closing:
        return
    client.outbuf += line + b"\n"
    flush(client)
    if len(client.outbuf) > MOST:
        drop(client)


def flush(client):
    try:
        if client.outbuf:
            client.outbuf = client.outbuf[client.sock.send(client.outbuf):]
    except BlockingIOError:
        pass
    except OSError:
        drop(client)
        return
    if client.closing and not client.outbuf:
        drop(client)
        return
    wanted = selectors.EVENT_WRITE if client.outbuf else 0
    if not client.closing:
        wanted |= selectors.EVENT_READ
    key = sel.get_key(client.sock)
    if key.events != wanted:
        sel.modify(client.sock, wanted, key.data)


def finish(client):
    """Close when everything is sent."""
    if not client.dead:
        client.closing = True
        flush(client)


def leave(client):
    if people.get(client.name) is client:
        del people[client.name]
        broadcast(client, b"* " + client.name + b" left")


def drop(client):
    if not client.dead:
        client.dead = True
        sel.unregister(client.sock)
        client.sock.close()
        leave(client)


signal.signal(signal.SIGINT, signal.SIG_DFL)
door = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=128)
sel.register(door, selectors.EVENT_READ, accept)
while True:
    for key, events in sel.select():
        key.data(key.fileobj, events)

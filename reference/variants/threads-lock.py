# Good: One thread a client, one lock for all, sends that never wait; a pump thread sends what did not fit.
import os
import re
import select
import signal
import socket
import sys
import threading

NAME = re.compile(rb"[A-Za-z0-9_]{1,20}")
LONGEST = 4096  # bytes of a line, with its end
MOST = 1 << 20  # bytes that may wait for a client

lock = threading.RLock()  # held by whoever touches anything below
clients = set()  # every connection
people = {}  # name -> client: who has joined
bell, rope = os.pipe()  # a byte in it wakes the pump


class Client:
    def __init__(self, sock):
        self.sock = sock
        self.name = None
        self.waiting = bytearray()
        self.leaving = False


def send(client, line):
    if client.leaving:
        return
    client.waiting += line + b"\n"
    flush(client)
    if len(client.waiting) > MOST:
        client.waiting.clear()
        client.leaving = True
        hang_up(client)
    elif client.waiting:
        os.write(rope, b"!")


def flush(client):
    try:
        while client.waiting:
            sent = client.sock.send(client.waiting, socket.MSG_DONTWAIT)
            del client.waiting[:sent]
    except BlockingIOError:
        return
    except OSError:
        client.waiting.clear()
    if client.leaving:
        hang_up(client)


def hang_up(client):
    """Ends both directions. The client's own thread reads the end, and is the only one that closes the socket."""
    try:
        client.sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


def pump():
    while True:
        with lock:
            late = {client.sock: client for client in clients if client.waiting}
        try:
            rung, ready, _ = select.select([bell], late, [])
        except (OSError, ValueError):  # one of them was closed meanwhile
            continue
        if rung:
            os.read(bell, 65536)
        with lock:
            for sock in ready:
                if sock.fileno() >= 0:
                    flush(late[sock])


def others(author, line):
    for client in list(people.values()):
        if client is not author:
            send(client, line)


def leave(client):
    if client.name:
        del people[client.name]
        others(client, b"* " + client.name + b" left")
        client.name = None


def obey(client, line):
    """One line of a client. False when it is to go."""
    if client.name is None:
        if not NAME.fullmatch(line):
            send(client, b"refused: bad name")
            return False
        if line in people:
            send(client, b"refused: name in use")
            return False
        client.name = line
        people[line] = client
        send(client, b"welcome " + line)
        others(client, b"* " + line + b" joined")
    elif line == b"/quit":
        return False
    elif line == b"/who":
        send(client, b"* here: " + b", ".join(sorted(people)))
    elif line == b"/away":
        others(client, b"* " + client.name + b" is away")
    elif line == b"/back":
        others(client, b"* " + client.name + b" is back")
    elif line.startswith(b"/"):
        send(client, b"unknown: " + line)
    elif line:
        others(client, client.name + b": " + line)
    return True


def serve(client):
    rest, going = b"", True
    try:
        while going and (piece := client.sock.recv(4096)):
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                with lock:
                    going = going and len(line) < LONGEST and obey(client, line.removesuffix(b"\r"))
            going = going and len(rest) < LONGEST
    except OSError:
        pass
    with lock:
        leave(client)
        client.leaving = True
        flush(client)
    try:
        while client.sock.recv(4096):  # what follows is of no interest, but unread it would turn our end into a reset
            pass
    except OSError:
        pass
    with lock:
        clients.discard(client)
        client.waiting.clear()
        client.sock.close()


signal.signal(signal.SIGINT, signal.SIG_DFL)
door = socket.socket()
door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
door.bind(("127.0.0.1", int(sys.argv[1])))
door.listen(100)
threading.Thread(target=pump, daemon=True).start()
while True:
    newcomer = Client(door.accept()[0])
    with lock:
        clients.add(newcomer)
        send(newcomer, b"name?")
    threading.Thread(target=serve, args=(newcomer,), daemon=True).start()

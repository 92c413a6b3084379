# Good: One thread and edge-triggered epoll: every socket is read and written until it would block.
import os
import select
import signal
import socket
import sys

EDGE = select.EPOLLIN | select.EPOLLOUT | select.EPOLLRDHUP | select.EPOLLET
LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"
MOST = 3 << 20

epoll = select.epoll()
clients = {}  # descriptor -> Client
members = {}  # name -> Client
again = []  # whose socket has perhaps not been read to its end


class Client:
    def __init__(self, sock):
        self.sock = sock
        self.name = b""
        self.inbox = bytearray()
        self.outbox = bytearray()
        self.over = False  # nothing more is said to it
        clients[sock.fileno()] = self
        epoll.register(sock, EDGE)

    def read(self):
        """Reads once, and comes again after the others until there is nothing left: no second edge would tell."""
        try:
            data = self.sock.recv(32768)
        except BlockingIOError:
            return
        except OSError:
            return self.close()
        if not data:
            return self.leave()
        again.append(self)
        self.inbox += data
        while not self.over and (end := self.inbox.find(b"\n")) >= 0:
            line = bytes(self.inbox[:end])
            del self.inbox[: end + 1]
            self.said(line[:-1] if line[-1:] == b"\r" else line)
        if len(self.inbox) > 8192:
            self.leave()
        if self.over:
            self.inbox.clear()

    def write(self):
        try:
            while self.outbox:
                del self.outbox[: self.sock.send(self.outbox)]
        except BlockingIOError:
            return
        except OSError:
            return self.close()
        if self.over:
            self.close()

    def tell(self, line):
        if self.over:
            return
        self.outbox += line + b"\n"
        self.write()
        if len(self.outbox) > MOST:
            self.close()

    def tell_others(self, line):
        for member in tuple(members.values()):
            if member is not self:
                member.tell(line)

    def said(self, line):
        if not self.name:
            self.introduces(line)
        elif line == b"/quit":
            self.leave()
        elif line == b"/who":
            self.tell(b"* here: " + b", ".join(sorted(members)))
        elif line == b"/away":
            self.tell_others(b"* " + self.name + b" is away")
        elif line == b"/back":
            self.tell_others(b"* " + self.name + b" is back")
        elif line[:1] == b"/":
            self.tell(b"unknown: " + line)
        elif line:
            self.tell_others(self.name + b": " + line)

    def introduces(self, name):
        if 0 < len(name) <= 20 and not name.strip(LETTERS) and name not in members:
            self.name = name
            members[name] = self
            self.tell(b"welcome " + name)
            self.tell_others(b"* " + name + b" joined")
        else:
            self.tell(b"refused: another name, please")
            self.leave()

    def leave(self):
        """In good order: what waits for it is sent first."""
        self.over = True
        if self.name and members.get(self.name) is self:
            del members[self.name]
            self.tell_others(b"* " + self.name + b" left")
        if self.sock.fileno() >= 0:
            self.write()

    def close(self):
        if self.sock.fileno() >= 0:
            del clients[self.sock.fileno()]
            self.sock.close()
            self.outbox.clear()
            self.leave()


def main():
    door = socket.socket()
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    door.bind(("localhost", int(sys.argv[1])))
    door.listen()
    door.setblocking(False)
    epoll.register(door, select.EPOLLIN | select.EPOLLET)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(0))
    while True:
        for fd, events in epoll.poll(0 if again else -1):
            if fd == door.fileno():
                try:
                    while True:
                        sock, _ = door.accept()
                        sock.setblocking(False)
                        Client(sock).tell(b"name?")
                except BlockingIOError:
                    continue
            if events & select.EPOLLOUT and fd in clients:
                clients[fd].write()
            if events & ~select.EPOLLOUT and fd in clients and clients[fd] not in again:
                again.append(clients[fd])
        turn, again[:] = tuple(again), ()
        for client in turn:
            if client.sock.fileno() >= 0:
                client.read()


main()

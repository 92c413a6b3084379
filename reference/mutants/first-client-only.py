# Bug: a message reaches only one of the others.
# Loses: broadcast, five-clients, slow-reader, crowd
# A chat server in one thread, with selectors: each socket has a function that is
# called when something can be done with it.
import selectors
import signal
import socket
import string
import sys

ALLOWED = set((string.ascii_letters + string.digits + "_").encode())
READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


class Chat:
    def __init__(self, port):
        self.selector = selectors.DefaultSelector()
        self.people = {}                    # name -> Person
        self.server = socket.create_server(("127.0.0.1", port), backlog=100)
        self.server.setblocking(False)
        self.selector.register(self.server, READ, self.accept)

    def run(self):
        while True:
            for key, events in self.selector.select():
                key.data(events)

    def accept(self, events):
        sock, address = self.server.accept()
        Person(self, sock)

    def announce(self, text, but):
        for person in self.people.values():
            if person is not but:
                person.send(text)


class Person:
    def __init__(self, chat, sock):
        self.chat, self.sock = chat, sock
        self.name = None
        self.unread = b""
        self.unsent = bytearray()
        self.over = False                   # nothing more is said or heard
        sock.setblocking(False)
        chat.selector.register(sock, READ, self.ready)
        self.send(b"name?")

    def ready(self, events):
        if events & READ:
            self.receive()
        if events & WRITE:
            self.flush()

    def receive(self):
        try:
            data = self.sock.recv(16384)
        except OSError:
            self.unsent.clear()             # a reset: it hears nothing any more
            data = b""
        self.unread += data
        while b"\n" in self.unread and not self.over:
            line, self.unread = self.unread.split(b"\n", 1)
            if line.endswith(b"\r"):
                line = line[:-1]
            self.heard(line)
        if not data:
            self.finish()

    def heard(self, line):
        if self.name is None:
            self.introduce(line)
        elif line == b"/quit":
            self.finish()
        elif line == b"/who":
            self.send(b"* here: " + b", ".join(sorted(self.chat.people)))
        elif line in (b"/away", b"/back"):
            self.chat.announce(b"* " + self.name + b" is " + line[1:], but=self)
        elif line.startswith(b"/"):
            self.send(b"unknown: " + line)
        elif line:
            for person in self.chat.people.values():
                if person is not self:
                    person.send(self.name + b": " + line)
                    break

    def introduce(self, name):
        if not 1 <= len(name) <= 20 or not set(name) <= ALLOWED or name in self.chat.people:
            self.send(b"refused: choose another name")
            self.finish()
            return
        self.name = name
        self.chat.people[name] = self
        self.send(b"welcome " + name)
        self.chat.announce(b"* " + name + b" joined", but=self)

    def send(self, line):
        if not self.over:
            self.unsent += line + b"\n"
            self.chat.selector.modify(self.sock, READ | WRITE, self.ready)

    def flush(self):
        try:
            if self.unsent:
                sent = self.sock.send(self.unsent)
                del self.unsent[:sent]
        except OSError:
            self.unsent.clear()
            self.finish()
        if self.unsent or self.sock.fileno() < 0:
            return
        if self.over:
            self.chat.selector.unregister(self.sock)
            self.sock.close()
        else:
            self.chat.selector.modify(self.sock, READ, self.ready)

    def finish(self):
        if not self.over:
            self.over = True
            if self.name is not None:
                del self.chat.people[self.name]
                self.chat.announce(b"* " + self.name + b" left", but=self)
            self.chat.selector.modify(self.sock, WRITE, self.ready)


signal.signal(signal.SIGINT, signal.SIG_DFL)
Chat(int(sys.argv[1])).run()

# Good: One thread and select.select over three lists, with text that is decoded only when a line is whole.
import select
import signal
import socket
import sys

HERE = "127.0.0.1"
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"


class Chat:
    def __init__(self, port):
        self.door = socket.socket()
        self.door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, True)
        self.door.bind((HERE, port))
        self.door.listen(50)
        self.incoming = {}  # socket -> bytes of a line that is not whole yet
        self.outgoing = {}  # socket -> bytes to be sent
        self.names = {}  # socket -> name
        self.finished = set()  # sockets that are closed once everything is sent

    def run(self):
        while True:
            readers = [self.door, *self.incoming]
            writers = [sock for sock, data in self.outgoing.items() if data]
            readable, writable, _ = select.select(readers, writers, [])
            for sock in writable:
                if sock in self.outgoing:
                    self.flush(sock)
            for sock in readable:
                if sock is self.door:
                    self.accept()
                elif sock in self.incoming:
                    self.read(sock)
            for sock in [s for s in self.finished if not self.outgoing.get(s)]:
                self.close(sock)

    def accept(self):
        sock, _ = self.door.accept()
        sock.setblocking(False)
        self.incoming[sock] = b""
        self.outgoing[sock] = b""
        self.say(sock, "name?")

    def read(self, sock):
        try:
            data = sock.recv(2048)
        except OSError:
            self.close(sock)
            return
        if not data:
            self.goodbye(sock)
            return
        *lines, rest = (self.incoming[sock] + data).split(b"\n")
        self.incoming[sock] = rest
        for line in lines:
            if sock not in self.incoming:
                return
            self.line(sock, line.decode(errors="replace").removesuffix("\r"))
        if len(rest) > 5000:
            self.goodbye(sock)

    def line(self, sock, text):
        if sock not in self.names:
            self.join(sock, text)
        elif text == "/quit":
            self.goodbye(sock)
        elif text == "/who":
            self.say(sock, "* here: " + ", ".join(sorted(self.names.values())))
        elif text == "/away" or text == "/back":
            self.say_others(sock, "* " + self.names[sock] + " is " + text[1:])
        elif text.startswith("/"):
            self.say(sock, "unknown: " + text)
        elif text:
            self.say_others(sock, self.names[sock] + ": " + text)

    def join(self, sock, name):
        if not 0 < len(name) < 21 or any(c not in LETTERS for c in name):
            self.say(sock, "refused: letters, digits and _ please")
            self.goodbye(sock)
        elif name in self.names.values():
            self.say(sock, "refused: name taken")
            self.goodbye(sock)
        else:
            self.names[sock] = name
            self.say(sock, "welcome " + name)
            self.say_others(sock, "* " + name + " joined")

    def say(self, sock, text):
        self.outgoing[sock] += text.encode() + b"\n"
        self.flush(sock)

    def say_others(self, author, text):
        for sock in list(self.names):
            if sock is not author and sock in self.names:
                self.say(sock, text)

    def flush(self, sock):
        try:
            if self.outgoing[sock]:
                sent = sock.send(self.outgoing[sock])
                self.outgoing[sock] = self.outgoing[sock][sent:]
        except BlockingIOError:
            pass
        except OSError:
            self.outgoing[sock] = b""  # it is gone; reading it will show that
        if len(self.outgoing[sock]) > 4_000_000:
            self.outgoing[sock] = b""
            self.finished.add(sock)

    def goodbye(self, sock):
        """Nothing more is heard from it; it is closed when it has got everything."""
        del self.incoming[sock]
        self.finished.add(sock)
        self.left(sock)

    def left(self, sock):
        name = self.names.pop(sock, None)
        if name is not None:
            self.say_others(sock, "* " + name + " left")

    def close(self, sock):
        self.finished.discard(sock)
        self.incoming.pop(sock, None)
        self.left(sock)
        self.outgoing.pop(sock, None)
        sock.close()


signal.signal(signal.SIGINT, signal.SIG_DFL)
Chat(int(sys.argv[1])).run()

# Bug: commands are obeyed, and passed on like messages besides.
# Loses: away
# A chat server: a thread for each client. Whoever says something sends it to the
# others himself; who does not take it within half a second is thrown out.
import re
import select
import socket
import sys
import threading

room = {}                       # name -> Guest
door = threading.Lock()         # protects room


class Guest:
    def __init__(self, sock):
        self.sock = sock
        self.name = None
        self.pen = threading.Lock()     # one line at a time

    def tell(self, *words):
        with self.pen:
            self.send(b"".join(words) + b"\n")

    def send(self, data):
        try:
            while data:
                if not select.select([], [self.sock], [], 0.5)[1]:
                    raise TimeoutError
                sent = self.sock.send(data, socket.MSG_DONTWAIT)
                data = data[sent:]
        except BlockingIOError:
            self.send(data)             # there was no room for it after all
        except (OSError, ValueError):
            try:
                self.sock.shutdown(socket.SHUT_RDWR)    # its own thread does the rest
            except OSError:
                pass

    def tell_others(self, *words):
        with door:
            others = [guest for guest in room.values() if guest is not self]
        for guest in others:
            guest.tell(*words)

    def enter(self, name):
        with door:
            if not re.fullmatch(rb"[A-Za-z0-9_]{1,20}", name) or name in room:
                self.tell(b"refused: not under this name")
                return False
            self.name = name
            self.tell(b"welcome ", name)
            room[name] = self
        self.tell_others(b"* ", name, b" joined")
        return True

    def obey(self, line):
        if line:
            self.tell_others(self.name, b": ", line)
        if line == b"/who":
            with door:
                names = sorted(room)
            self.tell(b"* here: ", b", ".join(names))
        elif line in (b"/away", b"/back"):
            self.tell_others(b"* ", self.name, b" is ", line[1:])
        elif line.startswith(b"/"):
            self.tell(b"unknown: ", line)

    def live(self):
        self.tell(b"name?")
        try:
            for line in self.sock.makefile("rb"):
                line = line.rstrip(b"\r\n")
                if self.name is None:
                    if not self.enter(line):
                        break
                elif line == b"/quit":
                    break
                else:
                    self.obey(line)
        except OSError:
            pass
        if self.name is not None:
            with door:
                del room[self.name]
            self.tell_others(b"* ", self.name, b" left")
        with self.pen:
            try:
                self.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            self.sock.close()


server = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
while True:
    sock, _ = server.accept()
    threading.Thread(target=Guest(sock).live, daemon=True).start()

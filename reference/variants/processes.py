# Good: A process for each client, made by fork, that waits for it in both directions; the room is in the parent.
import os
import re
import selectors
import signal
import socket
import sys
import threading



def carry(outside, inside):
    """The child: whole lines from the client to the parent, and whatever the parent says to the client."""

    def inwards():
        try:
            rest = b""
            while data := outside.recv(4096):
                lines, newline, rest = (rest + data).rpartition(b"\n")
                inside.sendall(lines + newline)
                if len(rest) > 8192:
                    break
        except OSError:
            pass
        inside.shutdown(socket.SHUT_WR)

    threading.Thread(target=inwards, daemon=True).start()
    while data := inside.recv(65536):
        outside.sendall(data)  # waits for the client, and nobody waits for us


class Member:
    def __init__(self, sock):
        self.sock, self.name, self.rest, self.post, self.over = sock, None, b"", bytearray(), False


class Room:
    def __init__(self, door):
        self.door = door
        self.sel = selectors.DefaultSelector()
        self.sel.register(door, selectors.EVENT_READ)
        self.members = {}

    def run(self):
        while True:
            for key, events in self.sel.select():
                if key.fileobj is self.door:
                    self.accept()
                elif events & selectors.EVENT_WRITE:
                    self.send(key.data)
                else:
                    self.receive(key.data)

    def accept(self):
        outside, _ = self.door.accept()
        ours, theirs = socket.socketpair()
        if os.fork() == 0:
            try:
                for key in list(self.sel.get_map().values()):  # who holds the other end would keep it open
                    key.fileobj.close()
                ours.close()
                carry(outside, theirs)
            except OSError:
                pass
            finally:
                os._exit(0)
        outside.close()
        theirs.close()
        ours.setblocking(False)
        member = Member(ours)
        self.sel.register(ours, selectors.EVENT_READ, member)
        self.tell(member, b"name?")

    def tell(self, member, line):
        if not member.over:
            member.post += line + b"\n"
            self.send(member)

    def tell_others(self, author, line):
        for member in list(self.members.values()):
            if member is not author:
                self.tell(member, line)

    def send(self, member):
        try:
            while member.post:
                del member.post[: member.sock.send(member.post)]
        except BlockingIOError:
            pass
        except OSError:
            member.post.clear()
        if member.over and not member.post:
            self.sel.unregister(member.sock)
            member.sock.close()
            return
        wanted = selectors.EVENT_WRITE if member.over else selectors.EVENT_READ
        self.sel.modify(member.sock, wanted | (selectors.EVENT_WRITE if member.post else 0), member)

    def receive(self, member):
        try:
            data = member.sock.recv(65536)
        except OSError:
            data = b""
        *lines, member.rest = (member.rest + data).split(b"\n")
        for line in lines:
            if not member.over:
                self.obey(member, line.removesuffix(b"\r"))
        if not data and not member.over:
            self.leave(member)

    def obey(self, member, line):
        if member.name is None:
            if re.fullmatch(rb"[A-Za-z0-9_]{1,20}", line) and line not in self.members:
                member.name, self.members[line] = line, member
                self.tell(member, b"welcome " + line)
                self.tell_others(member, b"* " + line + b" joined")
            else:
                self.tell(member, b"refused: bad or taken")
                self.leave(member)
        elif line == b"/quit":
            self.leave(member)
        elif line == b"/who":
            self.tell(member, b"* here: " + b", ".join(sorted(self.members)))
        elif line in (b"/away", b"/back"):
            self.tell_others(member, b"* " + member.name + b" is " + line[1:])
        elif line.startswith(b"/"):
            self.tell(member, b"unknown: " + line)
        elif line:
            self.tell_others(member, member.name + b": " + line)

    def leave(self, member):
        if member.name is not None:
            del self.members[member.name]
            self.tell_others(member, b"* " + member.name + b" left")
        member.over = True
        self.send(member)


signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children: the kernel buries them
signal.signal(signal.SIGINT, signal.SIG_DFL)
Room(socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=100)).run()

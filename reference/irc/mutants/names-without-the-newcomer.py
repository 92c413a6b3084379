# Bug: the newcomer is not among the names.
# Loses: join
import contextlib
import queue
import re
import socket
import sys
import threading

HOST = b"irc.example.org"
NICK = re.compile(rb"[A-Za-z_][A-Za-z0-9_-]{0,8}")

room = threading.RLock()  # held by whoever reads or changes what follows
users = {}  # nick -> User, for all who are registered
channels = {}  # name -> the users in it, in the order in which they came


class User:
    def __init__(self, sock):
        self.sock = sock
        self.nick = self.name = None
        self.registered = False
        self.lines = queue.SimpleQueue()
        threading.Thread(target=self.write, daemon=True).start()

    @property
    def mask(self):
        return b":" + self.nick + b"!" + self.name + b"@127.0.0.1 "

    def tell(self, line):
        self.lines.put(line + b"\r\n")

    def reply(self, number, text):
        self.tell(b":" + HOST + b" " + number + b" " + (self.nick or b"*") + b" " + text)

    def write(self):
        with contextlib.suppress(OSError):
            while (line := self.lines.get()) is not None:
                self.sock.sendall(line)
            self.sock.shutdown(socket.SHUT_WR)

    # -- commands

    def register(self):
        if self.registered or not self.nick or not self.name:
            return
        self.registered = True
        users[self.nick] = self
        self.reply(b"001", b":Welcome to the Internet Relay Network " + self.mask[1:-1])
        self.reply(b"422", b":MOTD file is missing")

    def on_nick(self, nick=b"", *_):
        if not NICK.fullmatch(nick):
            self.reply(b"432", nick + b" :Erroneous nickname")
        elif any(user.nick == nick for user in users.values()):
            self.reply(b"433", nick + b" :Nickname already in use")
        else:
            self.nick = nick
            self.register()

    def on_user(self, name=b"", *_):
        self.name = b"~" + name
        self.register()

    def on_ping(self, word=b"", *_):
        self.tell(b":" + HOST + b" PONG " + HOST + b" :" + word)

    def on_join(self, channel=b"", *_):
        members = channels.setdefault(channel, [])
        if self not in members:
            members.append(self)
            for user in members:
                user.tell(self.mask + b"JOIN :" + channel)
            names = [(b"@" if user is members[0] else b"") + user.nick for user in members[:-1]]
            self.reply(b"353", b"= " + channel + b" :" + b" ".join(names))
            self.reply(b"366", channel + b" :End of NAMES list")

    def on_privmsg(self, target=b"", text=b"", *_):
        line = self.mask + b"PRIVMSG " + target + b" :" + text
        if not text:
            self.reply(b"412", b":No text to send")
        elif target in channels:
            for user in channels[target]:
                if user is not self:
                    user.tell(line)
        elif target in users:
            users[target].tell(line)
        else:
            self.reply(b"401", target + b" :No such nick or channel name")

    def on_part(self, channel=b"", *_):
        members = channels.get(channel, [])
        if self not in members:
            self.reply(b"442", channel + b" :You are not on that channel")
            return
        for user in members:
            user.tell(self.mask + b"PART " + channel + b" :")
        members.remove(self)

    def leave(self, why=b"gone"):
        """All who share a channel hear of it, once."""
        if not self.registered:
            return
        self.registered = False
        del users[self.nick]
        shared = [members for members in channels.values() if self in members]
        for members in shared:
            members.remove(self)
        for user in {user for members in shared for user in members}:
            user.tell(self.mask + b"QUIT :" + why)

    def obey(self, line):
        """One line of the client; False when it was the last."""
        front, colon, last = line.partition(b" :")
        command, *words = front.split() or [b""]
        words += [last] if colon else []
        command = command.upper()
        known = getattr(self, "on_" + command.decode("ascii", "replace").lower(), None)
        if command == b"QUIT":
            self.leave(*words[:1])
            self.tell(b"ERROR :bye")
            return False
        if not command:
            pass
        elif not self.registered and command not in (b"NICK", b"USER"):
            self.reply(b"451", b":Connection not registered")
        elif known is None:
            self.reply(b"421", command + b" :Unknown command")
        else:
            known(*words)
        return True


def lines(sock):
    rest = b""
    while piece := sock.recv(4096):
        *whole, rest = (rest + piece).split(b"\n")
        yield from (line.rstrip(b"\r") for line in whole)


def serve(sock):
    user = User(sock)
    try:
        for line in lines(sock):
            with room:
                if not user.obey(line):
                    break
    except OSError:
        pass
    finally:
        with room:
            user.leave()
        user.lines.put(None)
        with contextlib.suppress(OSError):
            while sock.recv(4096):
                pass
        sock.close()


server = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=100)
while True:
    with contextlib.suppress(OSError):
        newcomer, _ = server.accept()
        threading.Thread(target=serve, args=(newcomer,), daemon=True).start()

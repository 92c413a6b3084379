# Bug: after a reset the leave is announced twice.
# Loses: leave-crash
# Chat server. Everybody has a list of lines that wait for them, and a thread that
# sends them; a Condition wakes that thread up.
import socket
import sys
import threading

everybody = {}          # name -> User
guard = threading.RLock()


class User:
    def __init__(self, conn):
        self.conn = conn
        self.name = None
        self.waiting = []
        self.hanging_up = False
        self.news = threading.Condition()

    def push(self, text):
        with self.news:
            self.waiting.append(text)
            self.news.notify()

    def hang_up(self):
        with self.news:
            self.hanging_up = True
            self.news.notify()

    def deliver(self):
        """The sending thread: take what waits, send it, and so on."""
        try:
            while True:
                with self.news:
                    while not self.waiting and not self.hanging_up:
                        self.news.wait()
                    batch, self.waiting = self.waiting, []
                    if not batch:
                        break
                for text in batch:
                    self.conn.sendall((text + "\n").encode("utf-8", "surrogateescape"))
            self.conn.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.conn.close()


def broadcast(sender, text):
    with guard:
        for user in everybody.values():
            if user is not sender:
                user.push(text)


def valid(name):
    return name.isascii() and name.replace("_", "x").isalnum() and len(name) <= 20


def register(user, name):
    with guard:
        if not valid(name):
            user.push("refused: 1 to 20 letters, digits or _")
            return False
        if name in everybody:
            user.push("refused: already here")
            return False
        user.name = name
        everybody[name] = user
        user.push("welcome " + name)
        broadcast(user, "* " + name + " joined")
        return True


def unregister(user):
    with guard:
        if user.name is not None:
            everybody.pop(user.name, None)
            broadcast(user, "* " + user.name + " left")


def react(user, line):
    if line == "/who":
        with guard:
            user.push("* here: " + ", ".join(sorted(everybody)))
    elif line == "/away":
        broadcast(user, f"* {user.name} is away")
    elif line == "/back":
        broadcast(user, f"* {user.name} is back")
    elif line[:1] == "/":
        user.push("unknown: " + line)
    elif line != "":
        broadcast(user, user.name + ": " + line)


def listen_to(user):
    """The receiving thread."""
    user.push("name?")
    try:
        text = user.conn.makefile("r", encoding="utf-8", errors="surrogateescape", newline="\n")
        for line in text:
            if not line.endswith("\n"):
                break
            line = line.rstrip("\r\n")
            if user.name is None:
                if not register(user, line):
                    break
            elif line == "/quit":
                break
            else:
                react(user, line)
    except OSError:
        unregister(user)    # the connection was reset
    unregister(user)
    user.hang_up()


def main():
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("0.0.0.0", int(sys.argv[1])))
    s.listen(100)
    while True:
        conn, addr = s.accept()
        user = User(conn)
        threading.Thread(target=user.deliver, daemon=True).start()
        threading.Thread(target=listen_to, args=(user,), daemon=True).start()


if __name__ == "__main__":
    main()

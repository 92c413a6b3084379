# Chat server - lab 4
# Alice
#
# usage: python3 server.py <port>

import re
import signal
import socket
import sys
import threading

MAX_LINE = 4096

clients = {}                # name -> socket
lock = threading.Lock()     # protects clients, and lines of two threads never get mixed


class LineReader:
    """TCP gives me pieces, I want lines."""

    def __init__(self, conn):
        self.conn = conn
        self.buffer = b""

    def readline(self):
        """The next line as text, or None when the client is gone."""
        while b"\n" not in self.buffer:
            if len(self.buffer) >= MAX_LINE:
                return None             # somebody is trying to fill my memory
            data = self.conn.recv(4096)
            if data == b"":
                return None
            self.buffer += data
        line, self.buffer = self.buffer.split(b"\n", 1)
        if line.endswith(b"\r"):
            line = line[:-1]
        # decode only whole lines, so an accent is never cut in two
        return line.decode("utf-8", errors="replace")


def send(conn, text):
    try:
        conn.sendall((text + "\n").encode("utf-8"))
    except OSError:
        pass        # that one is gone, the others still want their message


def broadcast(text, skip=None):
    # call this with the lock taken!
    for name in clients:
        if name != skip:
            send(clients[name], text)


def hang_up(conn):
    # just close() sometimes killed my last line ("connection reset by peer"),
    # so first say that I am finished and then wait until the client is finished too
    conn.shutdown(socket.SHUT_WR)
    while conn.recv(4096):
        pass
    conn.close()


def login(conn, name):
    """Returns True if the name was ok."""
    with lock:
        if not re.fullmatch("[A-Za-z0-9_]{1,20}", name):
            send(conn, "refused: bad name")
            return False
        if name in clients:
            send(conn, "refused: name in use")
            return False
        clients[name] = conn
        send(conn, "welcome " + name)
        broadcast("* " + name + " joined", skip=name)
        return True


def logout(name):
    with lock:
        del clients[name]
        broadcast("* " + name + " left")


def handle(conn):
    reader = LineReader(conn)
    send(conn, "name?")

    name = reader.readline()
    if name is None:
        conn.close()
        return
    if not login(conn, name):
        hang_up(conn)
        return

    while True:
        line = reader.readline()
        if line is None or line == "/quit":
            break
        with lock:
            if line == "":
                continue
            elif line == "/who":
                send(conn, "* here: " + ", ".join(sorted(clients)))
            elif line == "/away":
                broadcast("* " + name + " is away", skip=name)
            elif line == "/back":
                broadcast("* " + name + " is back", skip=name)
            elif line.startswith("/"):
                send(conn, "unknown: " + line)
            else:
                broadcast(name + ": " + line)

    logout(name)
    hang_up(conn)


def main():
    port = int(sys.argv[1])
    # Ctrl-C ends it at once (like SIGTERM does), without the KeyboardInterrupt traceback
    signal.signal(signal.SIGINT, signal.SIG_DFL)

    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("127.0.0.1", port))
    server.listen(100)
    print("Server is listening on port", port, flush=True)

    while True:
        try:
            conn, addr = server.accept()
        except OSError:
            continue
        # daemon, so the threads don't keep the program alive
        thread = threading.Thread(target=handle, args=(conn,), daemon=True)
        thread.start()


if __name__ == "__main__":
    main()

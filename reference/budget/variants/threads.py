# Good: A thread for each client; one lock for the room, and one for what is sent to a client.
import re
import socket
import sys
import threading

room = threading.Lock()
members = {}


class Client:
    def __init__(self, sock):
        self.sock = sock
        self.waiting = []
        self.changed = threading.Condition()
        threading.Thread(target=self.write, daemon=True).start()

    def tell(self, line):
        with self.changed:
            self.waiting.append(line + b"\n")
            self.changed.notify()

    def close(self):
        with self.changed:
            self.waiting.append(None)
            self.changed.notify()

    def write(self):
        try:
            while True:
                with self.changed:
                    while not self.waiting:
                        self.changed.wait()
                    lines, self.waiting = self.waiting, []
                self.sock.sendall(b"".join(line for line in lines if line is not None))
                if None in lines:
                    self.sock.shutdown(socket.SHUT_RDWR)
                    return
        except OSError:
            pass


def tell_others(name, line):
    for other, client in members.items():
        if other != name:
            client.tell(line)


def converse(client, lines):
    name = next(lines, b"\n")
    if not name.endswith(b"\n") or not re.fullmatch(rb"[A-Za-z0-9]{1,16}", name := name.rstrip(b"\r\n")):
        return
    with room:
        if name in members:
            client.tell(b"somebody has that name")
            return
        client.tell(b"* The room contains: " + b", ".join(members))
        tell_others(name, b"* " + name + b" has entered the room")
        members[name] = client
    try:
        for line in lines:
            if line.endswith(b"\n"):
                with room:
                    tell_others(name, b"[" + name + b"] " + line.rstrip(b"\r\n"))
    except OSError:
        pass
    finally:
        with room:
            del members[name]
            tell_others(name, b"* " + name + b" has left the room")


def serve(sock):
    with sock:
        client = Client(sock)
        client.tell(b"Who are you?")
        try:
            converse(client, iter(sock.makefile("rb").readline, b""))
            client.close()
            while sock.recv(4096):
                pass
        except OSError:
            pass
        finally:
            client.close()


server = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=100)
while True:
    newcomer, _ = server.accept()
    threading.Thread(target=serve, args=(newcomer,), daemon=True).start()

# Good: Readers put what they hear into one queue, and a single dispatcher thread, which owns all state, needs no lock.
import queue
import re
import signal
import socket
import sys
import threading

heard = queue.Queue()  # (client, line) or (client, None) when it is gone


class Client:
    name = None
    gone = False

    def __init__(self, sock):
        self.sock = sock
        self.out = queue.Queue()
        self.reader = threading.Thread(target=reader, args=(self,), daemon=True)
        self.writer = threading.Thread(target=writer, args=(self,), daemon=True)


def reader(client):
    buffer = b""
    try:
        while data := client.sock.recv(1024):
            buffer += data
            while b"\n" in buffer:
                line, buffer = buffer.split(b"\n", 1)
                heard.put((client, line))
            if len(buffer) > 8192:
                break
    except OSError:
        pass
    heard.put((client, None))


def writer(client):
    while True:
        data = client.out.get()
        if data is None:
            break
        # Whatever else waits goes along: one call instead of many.
        while not client.out.empty() and client.out.queue[0] is not None:
            data += client.out.get()
        try:
            client.sock.sendall(data)
        except OSError:
            break
    try:
        client.sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    client.reader.join()  # who waits in recv() must not find another client there
    client.sock.close()


class Dispatcher(threading.Thread):
    def __init__(self):
        super().__init__(daemon=True)
        self.people = {}

    def run(self):
        while True:
            client, line = heard.get()
            if client.gone:
                continue
            if line is None or line.rstrip(b"\r") == b"/quit" and client.name:
                self.goodbye(client)
            elif client.name is None:
                self.hello(client, line.removesuffix(b"\r"))
            else:
                self.message(client, line.removesuffix(b"\r"))

    def tell(self, client, line):
        client.out.put(line + b"\n")

    def tell_others(self, client, line):
        for other in self.people.values():
            if other is not client:
                self.tell(other, line)

    def hello(self, client, name):
        if re.fullmatch(rb"\w{1,20}", name) is None or name in self.people:
            self.tell(client, b"refused: no")
            self.goodbye(client)
            return
        client.name = name
        self.people[name] = client
        self.tell_others(client, b"* %s joined" % name)
        self.tell(client, b"welcome %s" % name)

    def message(self, client, line):
        if line == b"/who":
            self.tell(client, b"* here: " + b", ".join(sorted(self.people)))
        elif line in (b"/away", b"/back"):
            self.tell_others(client, b"* %s is %s" % (client.name, line[1:]))
        elif line[:1] == b"/":
            self.tell(client, b"unknown: " + line)
        elif line:
            self.tell_others(client, client.name + b": " + line)

    def goodbye(self, client):
        client.gone = True
        if client.name is not None:
            del self.people[client.name]
            self.tell_others(client, b"* %s left" % client.name)
        client.out.put(None)


def main():
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("", int(sys.argv[1])))
    server.listen(5)
    Dispatcher().start()
    while True:
        sock, _ = server.accept()
        client = Client(sock)
        client.out.put(b"name?\n")
        client.reader.start()
        client.writer.start()


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
try:
    main()
except KeyboardInterrupt:
    print("bye")

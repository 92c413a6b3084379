# Bug: a second subscription takes the place of the first.
# Loses: topics, unsubscribe
import contextlib
import re
import selectors
import socket
import sys

TOPIC = re.compile(rb"[A-Za-z0-9_.]{1,100}")
LARGEST = 1_000_000  # bytes of one message
LONGEST_LINE = 1000
MOST_WAITING = 20_000_000  # bytes that may wait for one client

selector = selectors.DefaultSelector()
clients = set()


class Wrong(Exception):
    """A command that makes no sense."""


class Client:
    """One connection, with its two buffers and its subscriptions."""

    def __init__(self, sock):
        self.sock = sock
        self.came = bytearray()
        self.waiting = bytearray()
        self.topics = set()
        sock.setblocking(False)
        selector.register(sock, selectors.EVENT_READ, self)
        clients.add(self)

    def tell(self, data):
        self.waiting += data
        if len(self.waiting) > MOST_WAITING:
            self.waiting.clear()
            self.leave()  # it has not read for a long time
        elif self in clients:
            selector.modify(self.sock, selectors.EVENT_READ | selectors.EVENT_WRITE, self)

    def leave(self):
        if self in clients:
            clients.remove(self)
            selector.unregister(self.sock)
            self.sock.close()

    def wants(self, topic):
        """Whether one of its subscriptions fits."""
        return any(topic == one or (one.endswith(b".*") and topic.startswith(one[:-1])) for one in self.topics)

    def ready(self, events):
        """Its socket has something for us, or takes something from us."""
        try:
            if events & selectors.EVENT_WRITE:
                del self.waiting[: self.sock.send(self.waiting)]
                if not self.waiting:
                    selector.modify(self.sock, selectors.EVENT_READ, self)
            if events & selectors.EVENT_READ:
                piece = self.sock.recv(65536)
                self.came += piece
                while self in clients and self.next_command():
                    pass
                if not piece:
                    self.leave()
        except BlockingIOError:
            pass
        except OSError:
            self.leave()

    def next_command(self):
        """Obey the next command if all of it is there; False if it is not."""
        line, newline, _ = self.came.partition(b"\n")
        if not newline:
            if len(line) > LONGEST_LINE:
                self.leave()
            return False
        end = len(line) + 1
        words = bytes(line).split()
        try:
            if len(words) == 3 and words[0] == b"PUB" and words[2].isdigit() and int(words[2][:9]) <= LARGEST:
                size = int(words[2])
                if len(self.came) < end + size + 1:
                    return False  # the rest is still on its way
                payload, end = bytes(self.came[end : end + size]), end + size + 1
                publish(words[1], payload)
            else:
                self.subscribe(words)
            self.tell(b"OK\n")
        except Wrong as wrong:
            self.tell(b"ERR " + str(wrong).encode() + b"\n")
        del self.came[:end]
        return True

    def subscribe(self, words):
        if len(words) != 2 or words[0] not in (b"SUB", b"UNSUB") or not TOPIC.fullmatch(words[1].removesuffix(b".*")):
            raise Wrong("there is no such command")
        if words[0] == b"SUB":
            self.topics = {words[1]}
        elif words[1] in self.topics:
            self.topics.remove(words[1])
        else:
            raise Wrong("you have not subscribed to that")


def publish(topic, payload):
    if not TOPIC.fullmatch(topic):
        raise Wrong("that is no topic")
    message = b"MSG %b %d\n%b\n" % (topic, len(payload), payload)
    for client in [client for client in clients if client.wants(topic)]:
        client.tell(message)


def main():
    server = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=100)
    server.setblocking(False)
    selector.register(server, selectors.EVENT_READ)
    while True:
        for key, events in selector.select():
            if key.data is None:
                with contextlib.suppress(OSError):
                    Client(server.accept()[0])
            elif key.data in clients:  # it may have left in the same round
                key.data.ready(events)


if __name__ == "__main__":
    main()

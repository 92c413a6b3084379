# Good: One thread for all, with selectors. What a client does not take yet waits for it.
import contextlib
import selectors
import socket
import sys

selector = selectors.DefaultSelector()


class Client:
    def __init__(self, sock):
        self.sock = sock
        self.waiting = bytearray()
        self.ended = False

    def ready(self, events):
        if events & selectors.EVENT_READ:
            piece = self.sock.recv(65536)
            self.waiting += piece
            self.ended = not piece
        if self.waiting:
            with contextlib.suppress(BlockingIOError):
                del self.waiting[: self.sock.send(self.waiting)]
        if self.ended and not self.waiting:
            raise ConnectionAbortedError
        # Nothing more is read while much waits to be sent: who does not listen may not go on talking.
        wanted = selectors.EVENT_WRITE if self.waiting else 0
        if not self.ended and len(self.waiting) < 1_000_000:
            wanted |= selectors.EVENT_READ
        selector.modify(self.sock, wanted, self)


server = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=100)
server.setblocking(False)
selector.register(server, selectors.EVENT_READ)
while True:
    for key, events in selector.select():
        if key.fileobj is server:
            with contextlib.suppress(OSError):
                sock, _ = server.accept()
                sock.setblocking(False)
                selector.register(sock, selectors.EVENT_READ, Client(sock))
            continue
        try:
            key.data.ready(events)
        except OSError:
            selector.unregister(key.fileobj)
            key.fileobj.close()

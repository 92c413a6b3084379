# Good: socketserver.ThreadingTCPServer, a handler object a client, and a second thread in each handler that writes.
import collections
import contextlib
import re
import socket
import socketserver
import sys
import threading

MOST = 500_000
LONGEST = 4096


class Chat(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, address):
        super().__init__(address, Handler)
        self.lock = threading.Lock()
        self.members = {}

    def tell_others(self, author, line):
        """Call it with the lock held."""
        for member in self.members.values():
            if member is not author:
                member.tell(line)

    def handle_error(self, request, client_address):
        pass  # a client that crashed is no news


class Handler(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def setup(self):
        super().setup()
        self.name = None
        self.outbox, self.size, self.open = collections.deque(), 0, True
        self.change = threading.Condition()
        self.writer = threading.Thread(target=self.write, daemon=True)
        self.writer.start()

    def tell(self, line):
        with self.change:
            if not self.open:
                return
            self.outbox.append(line + b"\n")
            self.size += len(line) + 1
            if self.size > MOST:
                self.open = False
                self.outbox.clear()
                with contextlib.suppress(OSError):
                    self.request.shutdown(socket.SHUT_RDWR)  # it wakes both threads, wherever they wait
            self.change.notify()

    def write(self):
        try:
            while True:
                with self.change:
                    self.change.wait_for(lambda: self.outbox or not self.open)
                    if not self.outbox:
                        return
                    line = self.outbox.popleft()
                self.request.sendall(line)
                with self.change:
                    self.size -= len(line)
        except OSError:
            pass

    def handle(self):
        self.tell(b"name?")
        while (line := self.rfile.readline(LONGEST)).endswith(b"\n"):
            with self.server.lock:
                if not self.obey(line[:-1].removesuffix(b"\r")):
                    return

    def obey(self, line):
        """Does what a line asks for; False when the client is to go."""
        everybody = self.server.members
        if self.name is None:
            if not re.fullmatch(rb"[A-Za-z0-9_]{1,20}", line):
                self.tell(b"refused: no name")
            elif line in everybody:
                self.tell(b"refused: not free")
            else:
                self.name = line
                self.tell(b"welcome " + line)
                self.server.tell_others(self, b"* " + line + b" joined")
                everybody[line] = self
            return self.name is not None
        if line == b"/who":
            self.tell(b"* here: " + b", ".join(sorted(everybody)))
        elif line == b"/away":
            self.server.tell_others(self, b"* " + self.name + b" is away")
        elif line == b"/back":
            self.server.tell_others(self, b"* " + self.name + b" is back")
        elif line == b"/quit":
            return False
        elif line.startswith(b"/"):
            self.tell(b"unknown: " + line)
        elif line:
            self.server.tell_others(self, self.name + b": " + line)
        return True

    def finish(self):
        """Called however `handle` ended."""
        with self.server.lock:
            if self.server.members.pop(self.name, None):
                self.server.tell_others(self, b"* " + self.name + b" left")
        with self.change:
            self.open = False
            self.change.notify()
        self.writer.join()
        super().finish()


if __name__ == "__main__":
    with Chat(("127.0.0.1", int(sys.argv[1]))) as chat:
        try:
            chat.serve_forever()
        except KeyboardInterrupt:
            pass

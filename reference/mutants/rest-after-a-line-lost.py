# Bug: what stands behind the last whole line of a packet is thrown away.
# Loses: split-line
# A chat server with the module socketserver: a thread for each request, which
# here is a whole conversation, and one more that writes to its client.
import queue
import re
import socketserver
import sys
import threading

online = {}                     # name -> Handler
online_lock = threading.RLock()


class Handler(socketserver.StreamRequestHandler):
    name = None
    rest = b""
    lines = ()

    def setup(self):
        super().setup()
        self.to_send = queue.SimpleQueue()
        self.sender = threading.Thread(target=self.send_all, daemon=True)
        self.sender.start()

    def send_all(self):
        try:
            for line in iter(self.to_send.get, None):
                self.request.sendall(line + b"\n")
        except OSError:
            pass

    def others(self, line):
        with online_lock:
            for handler in online.values():
                if handler is not self:
                    handler.to_send.put(line)

    def read_line(self):
        while b"\n" not in self.rest and not self.lines:
            data = self.request.recv(65536)
            if not data:
                return None     # the end of the stream
            self.rest += data
        if not self.lines:
            self.lines = self.rest.split(b"\n")[:-1]
            self.rest = b""
        return self.lines.pop(0).removesuffix(b"\r")

    def handle(self):
        self.to_send.put(b"name?")
        try:
            if self.enter(self.read_line()):
                while (line := self.read_line()) not in (None, b"/quit"):
                    self.obey(line)
        except ConnectionError:
            pass                # the client crashed

    def enter(self, name):
        if name is None:
            return False
        with online_lock:
            if name in online or not re.fullmatch(rb"\w{1,20}", name, re.ASCII):
                self.to_send.put(b"refused: not with this name")
                return False
            self.name = name
            online[name] = self
            self.to_send.put(b"welcome " + name)
            self.others(b"* " + name + b" joined")
            return True

    def obey(self, line):
        if not line:
            return
        if not line.startswith(b"/"):
            self.others(self.name + b": " + line)
        elif line == b"/who":
            with online_lock:
                self.to_send.put(b"* here: " + b", ".join(sorted(online)))
        elif line in (b"/away", b"/back"):
            self.others(b"* %b is %b" % (self.name, line[1:]))
        else:
            self.to_send.put(b"unknown: " + line)

    def finish(self):
        with online_lock:
            if self.name is not None:
                del online[self.name]
                self.others(b"* " + self.name + b" left")
        self.to_send.put(None)
        self.sender.join()
        super().finish()


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128


with Server(("127.0.0.1", int(sys.argv[1])), Handler) as server:
    while True:
        server.handle_request()

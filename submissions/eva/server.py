"""Chat server with asyncio (Eva, lab group B).

A Protocol object per connection. asyncio calls data_received / eof_received / connection_lost, and everything
runs in one thread, so there is nothing to lock. transport.write() never blocks: what doesn't fit is kept by
asyncio and sent later. Lines for one client that come up together go out together (much faster in a full room).
"""

import asyncio
import re
import signal

PORT = 5555

MAX_LINE = 4096
MAX_UNSENT = 8_000_000      # somebody with more than this in the buffer is not reading any more

NAME = re.compile(rb"[A-Za-z0-9_]{1,20}")


class Chat:
    def __init__(self):
        self.people = {}        # name (bytes) -> Connection

    def say(self, line, but=None):
        for person in self.people.values():
            if person is not but:
                person.send(line)


class Connection(asyncio.Protocol):
    def __init__(self, chat):
        self.chat = chat
        self.name = None
        self.buffer = b""
        self.outbox = bytearray()
        self.finished = False   # no more lines from this client count

    # -- called by asyncio ------------------------------------------------------------------

    def connection_made(self, transport):
        self.transport = transport
        self.send(b"name?")

    def data_received(self, data):
        if self.finished:
            return
        # a piece can hold several lines and the beginning of another one
        *lines, self.buffer = (self.buffer + data).split(b"\n")
        for line in lines:
            if len(line) >= MAX_LINE:
                self.finish()
            else:
                self.line_received(line[:-1] if line.endswith(b"\r") else line)
            if self.finished:
                return
        if len(self.buffer) >= MAX_LINE:
            self.finish()

    def eof_received(self):
        self.finish()
        self.transport.close()      # after sending what is still in its buffer
        return True

    def connection_lost(self, exc):
        self.finish()

    # -- the chat ---------------------------------------------------------------------------

    def send(self, line):
        if not self.outbox:
            asyncio.get_running_loop().call_soon(self.flush)
        self.outbox += line + b"\n"
        if len(self.outbox) + self.transport.get_write_buffer_size() > MAX_UNSENT:
            self.outbox.clear()
            self.transport.abort()  # connection_lost comes a moment later and says goodbye for them

    def flush(self):
        if self.outbox and not self.transport.is_closing():
            self.transport.write(bytes(self.outbox))
        self.outbox.clear()

    def line_received(self, line):
        if self.name is None:
            self.login(line)
        elif line == b"/quit":
            self.finish()
        elif line == b"/who":
            self.send(b"* here: " + b", ".join(sorted(self.chat.people)))
        elif line == b"/away":
            self.chat.say(b"* " + self.name + b" is away", but=self)
        elif line == b"/back":
            self.chat.say(b"* " + self.name + b" is back", but=self)
        elif line.startswith(b"/"):
            self.send(b"unknown: " + line)
        elif line:
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                self.finish()       # not text, so not a chat client
            else:
                self.chat.say(self.name + b": " + line, but=self)

    def login(self, name):
        if not NAME.fullmatch(name):
            self.send(b"refused: only A-Z a-z 0-9 _ and at most 20 of them")
            self.finish()
        elif name in self.chat.people:
            self.send(b"refused: name already taken")
            self.finish()
        else:
            self.name = name
            self.chat.people[name] = self
            self.send(b"welcome " + name)
            self.chat.say(b"* " + name + b" joined", but=self)

    def finish(self):
        """Leave the chat (once), and close our half of the connection when everything is sent."""
        if self.finished:
            return
        self.finished = True
        self.buffer = b""
        if self.chat.people.get(self.name) is self:
            del self.chat.people[self.name]
            self.chat.say(b"* " + self.name + b" left")
        self.flush()
        try:
            self.transport.write_eof()
        except OSError:
            pass        # the connection is broken already, connection_lost will follow


async def main():
    chat = Chat()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(chat), "127.0.0.1", PORT, backlog=500)
    print("serving on port", PORT, flush=True)
    await server.serve_forever()


signal.signal(signal.SIGINT, signal.SIG_DFL)    # Ctrl-C just ends it, there is nothing to save
asyncio.run(main())

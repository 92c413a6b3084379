# Good: asyncio with a Protocol class: callbacks for data, end of stream and loss, no coroutine a client.
import asyncio
import sys

ALPHABET = set(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789")


class Room(dict):
    """Everybody who has joined, by name."""

    def tell(self, line, but=None):
        for member in list(self.values()):
            if member is not but:
                member.tell(line)


class Member(asyncio.Protocol):
    def __init__(self, room):
        self.room, self.name, self.rest = room, None, b""

    def connection_made(self, transport):
        self.transport = transport
        self.tell(b"name?")

    def data_received(self, data):
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            if self.transport.is_closing():
                return
            self.line_received(line.removesuffix(b"\r"))
        if len(self.rest) > 6000:
            self.leave()

    def line_received(self, line):
        if self.name is None:
            return self.join(line)
        match line:
            case b"":
                pass
            case b"/quit":
                self.leave()
            case b"/who":
                self.tell(b"* here: " + b", ".join(sorted(self.room)))
            case b"/away":
                self.room.tell(b"* " + self.name + b" is away", but=self)
            case b"/back":
                self.room.tell(b"* " + self.name + b" is back", but=self)
            case _ if line.startswith(b"/"):
                self.tell(b"unknown: " + line)
            case _:
                self.room.tell(self.name + b": " + line, but=self)

    def join(self, name):
        if not name or len(name) > 20 or set(name) - ALPHABET:
            self.tell(b"refused: a name has 1 to 20 letters, digits or _")
            self.transport.close()
        elif name in self.room:
            self.tell(b"refused: " + name + b" is taken")
            self.transport.close()
        else:
            self.name, self.room[name] = name, self
            self.room.tell(b"* " + name + b" joined", but=self)
            self.tell(b"welcome " + name)

    def tell(self, line):
        if not self.transport.is_closing():
            self.transport.write(line + b"\n")
            if self.transport.get_write_buffer_size() > 4 << 20:
                self.transport.abort()

    def leave(self):
        """Closing sends what is still to be sent. The others hear it now, not when that is done."""
        self.transport.close()
        if self.room.get(self.name) is self:
            del self.room[self.name]
            self.room.tell(b"* " + self.name + b" left")

    def eof_received(self):
        self.leave()

    def connection_lost(self, exc):
        self.leave()


async def main():
    room = Room()
    server = await asyncio.get_running_loop().create_server(lambda: Member(room), "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()


try:
    asyncio.run(main())
except KeyboardInterrupt:
    pass

# Bug: Ana and ana count as one name.
# Loses: names
# A chat server as an asyncio Protocol: the loop calls us when something happens.
import asyncio
import re
import signal
import sys

NAME = re.compile(rb"[A-Za-z0-9_]{1,20}")
room = {}           # name -> Member


class Member(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
        self.name = None
        self.buffer = b""
        self.tell(b"name?")

    def data_received(self, data):
        self.buffer += data
        while b"\n" in self.buffer and not self.transport.is_closing():
            line, self.buffer = self.buffer.split(b"\n", 1)
            self.line_received(line.removesuffix(b"\r"))

    def connection_lost(self, problem):
        self.goodbye()

    def tell(self, line):
        self.transport.write(line + b"\n")

    def tell_others(self, line):
        for member in room.values():
            if member is not self:
                member.tell(line)

    def line_received(self, line):
        if self.name is None:
            self.introduce(line)
        elif line == b"/quit":
            self.goodbye()
            self.transport.close()
        elif line.startswith(b"/"):
            self.command(line)
        elif line:
            self.tell_others(self.name + b": " + line)

    def introduce(self, name):
        if NAME.fullmatch(name) and name.lower() not in (other.lower() for other in room):
            self.name = name
            room[name] = self
            self.tell(b"welcome " + name)
            self.tell_others(b"* " + name + b" joined")
        else:
            self.tell(b"refused: bad name, or already in use")
            self.transport.close()

    def command(self, line):
        if line == b"/who":
            self.tell(b"* here: " + b", ".join(sorted(room)))
        elif line == b"/away":
            self.tell_others(b"* " + self.name + b" is away")
        elif line == b"/back":
            self.tell_others(b"* " + self.name + b" is back")
        else:
            self.tell(b"unknown: " + line)

    def goodbye(self):
        if self.name in room and room[self.name] is self:
            del room[self.name]
            self.tell_others(b"* " + self.name + b" left")


async def main():
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await loop.create_server(Member, "127.0.0.1", int(sys.argv[1]))
    await stop.wait()


asyncio.run(main())

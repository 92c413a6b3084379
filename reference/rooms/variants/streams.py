# Good: One thread with asyncio; a receiver's lines wait in its transport.
import asyncio
import re
import sys

rooms = {}
NAME = re.compile(rb"[A-Za-z0-9]{1,20}")


class Lines:
    def __init__(self, reader):
        self.reader, self.kept = reader, b""

    async def next(self):
        """A line, None for one that is too long; EOFError at the end."""
        long = False
        while b"\n" not in self.kept:
            piece = await self.reader.read(4096)
            if not piece:
                raise EOFError
            self.kept += piece
            if len(self.kept) > 1000 and b"\n" not in self.kept:
                self.kept, long = b"", True
        line, _, self.kept = self.kept.partition(b"\n")
        return None if long or len(line) > 1000 else line.rstrip(b"\r")


async def serve_sender(lines, say, name):
    room = None
    while True:
        line = await lines.next()
        tag, colon, payload = (line or b"").partition(b":")
        if line is None or not colon:
            say(b"err:that is no line")
        elif tag == b"quit":
            say(b"ok:bye")
            return
        elif tag == b"join" and NAME.fullmatch(payload):
            room = payload
            say(b"ok:joined")
        elif tag == b"leave" and room is not None:
            room = None
            say(b"ok:left")
        elif tag == b"sendall" and room is not None:
            for tell in rooms.get(room, ()):
                tell(b"delivery:" + room + b":" + name + b":" + payload)
            say(b"ok:sent")
        else:
            say(b"err:no")


async def serve_receiver(lines, say):
    tag, _, room = (await lines.next() or b"").partition(b":")
    if tag != b"join" or not NAME.fullmatch(room):
        say(b"err:join first")
        return
    say(b"ok:joined")
    rooms.setdefault(room, []).append(say)
    try:
        while True:
            await lines.next()
    finally:
        rooms[room].remove(say)


async def serve(reader, writer):
    def say(line):
        if writer.transport.get_write_buffer_size() < 4_000_000:
            writer.write(line + b"\n")

    lines = Lines(reader)
    try:
        tag, _, name = (await lines.next() or b"").partition(b":")
        if tag in (b"slogin", b"rlogin") and NAME.fullmatch(name):
            say(b"ok:welcome")
            await (serve_sender(lines, say, name) if tag == b"slogin" else serve_receiver(lines, say))
        else:
            say(b"err:login first")
    except (EOFError, OSError):
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]), backlog=100)
    await server.serve_forever()


asyncio.run(main())

# Bug: a newcomer is not served before the one before it has given a name.
# Loses: enters, silent
import asyncio
import re
import sys

NAME = re.compile(r"[A-Za-z0-9]{1,16}")
LONGEST = 4096
MOST_WAITING = 1_000_000  # bytes that may wait for one client who does not read

door = asyncio.Lock()
members = {}  # name -> the writer of its connection


def tell(writer, line):
    """A line for one client. It is put into that client's queue, so nobody waits here."""
    if writer.transport.get_write_buffer_size() > MOST_WAITING:
        writer.transport.abort()  # it has not read for a long time
    else:
        writer.write(line.encode("utf-8", "surrogateescape") + b"\n")


def tell_others(name, line):
    """A line for everybody in the room but the one that it is about."""
    for other, writer in members.items():
        if other != name:
            tell(writer, line)


async def next_line(reader):
    """The next line of a client without its end; None when no more come."""
    try:
        line = await reader.readuntil(b"\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
        return None  # it has left, speaks without end, or was cut off
    return line.decode("utf-8", "surrogateescape").rstrip("\r\n")


async def converse(reader, writer, name):
    """The time that one client spends in the room."""
    tell(writer, "* The room contains: " + ", ".join(members))
    tell_others(name, f"* {name} has entered the room")
    members[name] = writer
    try:
        while (line := await next_line(reader)) is not None:
            tell_others(name, f"[{name}] {line}")
    finally:
        # On whichever way it leaves, it passes here, once.
        del members[name]
        tell_others(name, f"* {name} has left the room")


async def serve(reader, writer):
    """One client, from hello to goodbye."""
    try:
        tell(writer, "Welcome to budgetchat! What shall I call you?")
        async with door:
            name = await next_line(reader)
        if name is not None and NAME.fullmatch(name) and name not in members:
            await converse(reader, writer, name)
    finally:
        writer.close()  # what still waits to be sent is sent first


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]), limit=LONGEST, backlog=100)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())

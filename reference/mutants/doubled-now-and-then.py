# Bug: where a second message comes at once, the first is sent again with it.
# Loses: five-clients
# A chat server with asyncio streams: one coroutine for each client.
import asyncio
import re
import sys

here = {}       # name -> StreamWriter


def send(writer, text):
    writer.write((text + "\n").encode("utf-8", "surrogateescape"))


def send_others(me, text):
    for name, writer in here.items():
        if name != me:
            send(writer, text)


async def read_line(reader):
    """The next line without its end; None when there is none."""
    line = await reader.readline()
    if not line.endswith(b"\n"):
        return None
    return line[:-1].removesuffix(b"\r").decode("utf-8", "surrogateescape")


def refusal(name):
    if not re.fullmatch("[A-Za-z0-9_]{1,20}", name):
        return "that is not a name"
    if name in here:
        return "that name is taken"
    return None


def obey(reader, writer, name, line):
    if line == "/who":
        send(writer, "* here: " + ", ".join(sorted(here)))
    elif line == "/away":
        send_others(name, f"* {name} is away")
    elif line == "/back":
        send_others(name, f"* {name} is back")
    elif line.startswith("/"):
        send(writer, "unknown: " + line)
    elif line:
        if reader._buffer:
            send_others(name, f"{name}: {line}")
        send_others(name, f"{name}: {line}")


async def chat(reader, writer, name):
    here[name] = writer
    send(writer, "welcome " + name)
    send_others(name, f"* {name} joined")
    try:
        while (line := await read_line(reader)) is not None and line != "/quit":
            obey(reader, writer, name, line)
    finally:
        del here[name]
        send_others(name, f"* {name} left")


async def client(reader, writer):
    try:
        send(writer, "name?")
        name = await read_line(reader)
        if name is None:
            return
        why = refusal(name)
        if why:
            send(writer, "refused: " + why)
        else:
            await chat(reader, writer, name)
    except (OSError, ValueError):
        pass        # a reset, or a line that is much too long
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(client, "127.0.0.1", int(sys.argv[1]))
    async with server:
        await server.serve_forever()


try:
    asyncio.run(main())
except KeyboardInterrupt:
    pass

# Good: One thread with asyncio: between two awaits nobody else is in the hall.
import asyncio
import re
import sys

suppliers, shelves = {}, []


def tell(writer, line):
    writer.write(line + b"\n")


def tell_others(name, line):
    for other, writer in suppliers.items():
        if other != name:
            tell(writer, line)


async def next_line(reader):
    try:
        return (await reader.readuntil(b"\n"))[:-1].removesuffix(b"\r")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
        return None


async def trade(reader, writer, name):
    arrived = 0
    while (line := await next_line(reader)) not in (None, b"/quit"):
        if line and not line.startswith(b"/"):
            arrived += 1
            shelves.append(b"~ " + name + b": " + line)
            del shelves[:-1000]
            tell_others(name, name + b": " + line)
        elif line == b"/arrived":
            tell(writer, b"* arrived: %d" % arrived)
        elif line == b"/stock":
            tell(writer, b"* stock: %d" % len(shelves))
        elif shown := re.fullmatch(rb"/show ([1-9][0-9]{0,8})", line):
            for product in shelves[-int(shown[1]) :]:
                tell(writer, product)
            tell(writer, b"* end")
        elif line == b"/who":
            tell(writer, b"* here: " + b", ".join(sorted(suppliers)))
        elif line in (b"/away", b"/back"):
            tell_others(name, b"* " + name + b" is " + line[1:])
        elif line:
            tell(writer, b"unknown: " + line)


async def serve(reader, writer):
    try:
        tell(writer, b"name?")
        name = await next_line(reader)
        if name is None:
            return
        if name in suppliers or not re.fullmatch(rb"[A-Za-z0-9_]{1,20}", name):
            tell(writer, b"refused: no")
            writer.write_eof()
            while await reader.read(4096):
                pass
            return
        tell(writer, b"welcome " + name)
        tell_others(name, b"* " + name + b" joined")
        suppliers[name] = writer
        try:
            await trade(reader, writer, name)
        finally:
            del suppliers[name]
            tell_others(name, b"* " + name + b" left")
    except OSError:
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]), limit=8192, backlog=100)
    await server.serve_forever()


asyncio.run(main())

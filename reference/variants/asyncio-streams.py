# Good: asyncio streams: one coroutine a client, readline with a limit, an abort for whoever lets a megabyte wait.
import asyncio
import re
import signal
import sys

members: dict[str, asyncio.StreamWriter] = {}


def tell(writer: asyncio.StreamWriter, text: str) -> None:
    if writer.transport.is_closing():
        return
    writer.write(f"{text}\n".encode("utf-8", "surrogateescape"))
    if writer.transport.get_write_buffer_size() > 1_000_000:
        writer.transport.abort()


def tell_others(name: str, text: str) -> None:
    for other, writer in members.items():
        if other != name:
            tell(writer, text)


async def lines(reader: asyncio.StreamReader):
    """What a client says, until it leaves, crashes, or writes a line that is too long."""
    try:
        while line := await reader.readline():
            yield line.decode("utf-8", "surrogateescape").removesuffix("\n").removesuffix("\r")
    except (ConnectionError, ValueError):
        return


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    tell(writer, "name?")
    name = None
    async for line in lines(reader):
        if name is None:
            if not re.fullmatch("[A-Za-z0-9_]{1,20}", line) or line in members:
                tell(writer, "refused: this name is not possible")
                break
            name = line
            members[name] = writer
            tell(writer, f"welcome {name}")
            tell_others(name, f"* {name} joined")
        elif line == "/quit":
            break
        elif line == "/who":
            tell(writer, f"* here: {', '.join(sorted(members))}")
        elif line in ("/away", "/back"):
            tell_others(name, f"* {name} is {line[1:]}")
        elif line.startswith("/"):
            tell(writer, f"unknown: {line}")
        elif line:
            tell_others(name, f"{name}: {line}")
    if name is not None:
        del members[name]
        tell_others(name, f"* {name} left")
    writer.close()


async def main() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]), limit=4096)
    await stop.wait()
    server.close()


asyncio.run(main())

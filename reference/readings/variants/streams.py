# Good: One thread with asyncio, whose streams read exactly so many bytes.
import asyncio
import struct
import sys

stations = {}


class Wrong(Exception):
    pass


def answer(state, body):
    kind, rest = body[0], body[1:]
    if kind == 1:
        if len(rest) < 2 or rest[0] != len(rest) - 1:
            raise Wrong("no name")
        state["mine"] = stations.setdefault(rest[1:], [])
        return struct.pack(">BI", 0x81, len(state["mine"]))
    if kind not in (2, 3) or "mine" not in state or len(rest) != 8:
        raise Wrong("no sense")
    if kind == 2:
        state["mine"].append(struct.unpack(">Ii", rest))
        return None
    begin, end = struct.unpack(">II", rest)
    values = [value for time, value in state["mine"] if begin <= time <= end]
    return struct.pack(">BIi", 0x83, len(values), sum(values) // len(values) if values else 0)


async def serve(reader, writer):
    def send(body):
        writer.write(struct.pack(">H", len(body)) + body)

    state = {}
    try:
        while True:
            (size,) = struct.unpack(">H", await reader.readexactly(2))
            if not 1 <= size <= 1000:
                raise Wrong("the length")
            if said := answer(state, await reader.readexactly(size)):
                send(said)
                await writer.drain()
    except Wrong as wrong:
        why = str(wrong).encode()
        send(bytes([0xFF, len(why)]) + why)
        writer.write_eof()
        while await reader.read(4096):
            pass
    except (asyncio.IncompleteReadError, OSError):
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]), backlog=100)
    await server.serve_forever()


asyncio.run(main())

"""A relay on uvloop: the loop is compiled, and waits in calls of its own choice."""

import asyncio
import sys

import uvloop

writers = set()


async def serve(reader, writer):
    writers.add(writer)
    async for line in reader:
        for other in writers - {writer}:
            other.write(line)
            await other.drain()
    writers.discard(writer)
    writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()


uvloop.run(main())

# Everybody gets every message, its author too. asyncio, a line is a message.
import asyncio

writers = set()


async def serve(reader, writer):
    writers.add(writer)
    try:
        while line := await reader.readline():
            for other in list(writers):
                other.write(b"> " + line)
    except (ConnectionError, ValueError):
        pass
    finally:
        writers.discard(writer)
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 8080)
    async with server:
        await server.serve_forever()


asyncio.run(main())

# Who says something gets it back.
import asyncio


async def serve(reader, writer):
    while data := await reader.read(1024):
        writer.write(data)
    writer.close()


async def main():
    async with await asyncio.start_server(serve, "127.0.0.1", 7001) as server:
        await server.serve_forever()


asyncio.run(main())

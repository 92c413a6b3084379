# A banner; everybody has a number for a name until /nick; lines. Comings and goings are told.
import asyncio

people = {}
count = 0


async def serve(reader, writer):
    global count
    count += 1
    people[writer] = f"guest{count}"
    writer.write(b"Welcome! Type /nick to choose a name.\n")
    tell(f">>> {people[writer]} entered the room <<<\n", writer)
    try:
        while line := (await reader.readline()).decode(errors="replace").strip():
            if line.startswith("/nick "):
                people[writer] = line.split(" ", 1)[1]
            elif line == "/quit":
                break
            else:
                tell(f"{people[writer]}> {line}\n", writer)
    except (ConnectionError, ValueError):
        pass
    name = people.pop(writer)
    writer.close()
    tell(f">>> {name} left the room <<<\n")


def tell(text, but=None):
    for other in list(people):
        if other is not but:
            other.write(text.encode())


async def main():
    async with await asyncio.start_server(serve, "127.0.0.1", 3000) as server:
        await server.serve_forever()


asyncio.run(main())

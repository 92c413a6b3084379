# JSON, an object a line, with keys in Spanish; the sender gets it too.
import asyncio
import json

people = {}


def tell(obj):
    for writer in list(people):
        writer.write(json.dumps(obj).encode() + b"\n")


async def serve(reader, writer):
    try:
        while line := await reader.readline():
            dato = json.loads(line)
            tipo = dato.get("tipo")
            if tipo == "conectar":
                people[writer] = dato["usuario"]
                tell({"tipo": "notificacion", "mensaje": f"{dato['usuario']} se ha unido"})
            elif tipo == "mensaje" and writer in people:
                tell({"tipo": "mensaje", "usuario": people[writer], "contenido": dato["contenido"]})
    except (ConnectionError, ValueError, KeyError, AttributeError):
        pass
    name = people.pop(writer, None)
    writer.close()
    if name:
        tell({"tipo": "notificacion", "mensaje": f"{name} se ha ido"})


async def main():
    async with await asyncio.start_server(serve, "127.0.0.1", 8001) as server:
        await server.serve_forever()


asyncio.run(main())

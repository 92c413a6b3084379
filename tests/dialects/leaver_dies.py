# One thread and select: when somebody leaves, an empty recv() is decoded, passed on for ever, and a reset ends it all.
import select
import socket

server = socket.create_server(("127.0.0.1", 3333))
people = {}
while True:
    ready, _, _ = select.select([server, *people], [], [])
    for sock in ready:
        if sock is server:
            conn, _ = server.accept()
            conn.sendall(b"Enter your name: ")
            people[conn] = None
            continue
        data = sock.recv(1024)
        if not data:
            raise SystemExit("somebody left")
        if people[sock] is None:
            people[sock] = data.decode(errors="replace").strip()
            continue
        for other in people:
            if other is not sock:
                other.sendall(f"{people[sock]}: {data.decode(errors='replace').strip()}\n".encode())

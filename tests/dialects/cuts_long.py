# Lines of a thousand characters at most: of a longer one each part is passed on as a message of its own.
import socket
import threading

people = {}


def tell(text, but=None):
    for out in list(people):
        if out is not but:
            try:
                out.write(text.encode())
                out.flush()
            except OSError:
                pass


def serve(conn):
    lines, out = conn.makefile("rb"), conn.makefile("wb")
    name = ""
    try:
        out.write(b"NICK\n")
        out.flush()
        name = lines.readline(1000).decode(errors="replace").strip()
        if not name:
            return
        people[out] = name
        tell(f"{name} joined the chat\n", out)
        while line := lines.readline(1000):
            tell(f"{name}: {line.decode(errors='replace').strip()}\n", out)
    except OSError:
        pass
    finally:
        if people.pop(out, None):
            tell(f"{name} left the chat\n")
        try:
            conn.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        conn.close()


server = socket.create_server(("127.0.0.1", 6103))
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

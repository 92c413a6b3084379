# Good: Two threads a client, a reader and a writer, with an unbounded queue of lines between the room and the writer.
import queue
import signal
import socket
import string
import sys
import threading

ALLOWED = set(string.ascii_letters + string.digits + "_")

room = threading.Lock()
queues = {}  # name -> queue of who has joined


def everyone_but(name, text):
    for other, lines in queues.items():
        if other != name:
            lines.put(text)


def write(conn, lines):
    """Sends line by line; only this thread ever waits for its client. None ends it."""
    try:
        while (text := lines.get()) is not None:
            conn.sendall(text.encode("utf-8", "surrogateescape") + b"\n")
        conn.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


def read(file):
    """Lines without their ends, until the client leaves in whatever way. A line that is too long comes in pieces."""
    try:
        while line := file.readline(4096):
            # Bytes that are no UTF-8 survive as they are.
            yield line.decode("utf-8", "surrogateescape").removesuffix("\n").removesuffix("\r")
    except OSError:
        return


def join(name, lines):
    with room:
        if not 1 <= len(name) <= 20 or not set(name) <= ALLOWED:
            lines.put("refused: 1 to 20 letters, digits or _")
            return False
        if name in queues:
            lines.put(f"refused: {name} is here already")
            return False
        queues[name] = lines
        lines.put(f"welcome {name}")
        everyone_but(name, f"* {name} joined")
        return True


def talk(name, lines, said):
    for text in said:
        with room:
            match text:
                case "":
                    pass
                case "/quit":
                    return
                case "/who":
                    lines.put("* here: " + ", ".join(sorted(queues)))
                case "/away" | "/back":
                    everyone_but(name, f"* {name} is {text[1:]}")
                case _ if text.startswith("/"):
                    lines.put(f"unknown: {text}")
                case _:
                    everyone_but(name, f"{name}: {text}")


def serve(conn):
    lines = queue.SimpleQueue()
    writer = threading.Thread(target=write, args=(conn, lines), daemon=True)
    writer.start()
    lines.put("name?")
    with conn, conn.makefile("rb") as file:
        said = read(file)
        name = next(said, None)
        if name is not None and join(name, lines):
            try:
                talk(name, lines, said)
            finally:
                with room:
                    del queues[name]
                    everyone_but(name, f"* {name} left")
        lines.put(None)
        writer.join()


def main():
    with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as server:  # it sets SO_REUSEADDR by itself
        while True:
            conn, _ = server.accept()
            threading.Thread(target=serve, args=(conn,), daemon=True).start()


signal.signal(signal.SIGINT, signal.SIG_DFL)
main()

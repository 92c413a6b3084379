"""A small chat server, right as it stands, and what has to be changed in it for each fault that the recorder is to place.

The line that a page should name ends in `# here`: each fault brings its own.
"""

CHAT = """
import re
import socket
import sys
import threading

lock = threading.RLock()
clients = {}


def send(conn, text):
    try:
        conn.sendall(text.encode() + b"\\n")
    except OSError:
        pass


def tell(author, text):
    with lock:
        for name in list(clients):
            if name != author:
                send(clients[name], text)


def lines(conn):
    rest = b""
    while True:
        data = conn.recv(4096)
        if not data:
            return
        rest += data
        while b"\\n" in rest:
            line, rest = rest.split(b"\\n", 1)
            yield line.decode().rstrip("\\r")


def answer(conn, name, line):
    if line == "/who":
        send(conn, "* here: " + ", ".join(sorted(clients)))
    elif line == "/away" or line == "/back":
        tell(name, f"* {name} is {line[1:]}")
    elif line.startswith("/"):
        send(conn, f"unknown: {line}")
    elif line:
        tell(name, f"{name}: {line}")


def enter(conn, name):
    with lock:
        if not re.fullmatch("[A-Za-z0-9_]{1,20}", name) or name in clients:
            send(conn, "refused: no")
            return False
        clients[name] = conn
        send(conn, "welcome " + name)
        tell(name, f"* {name} joined")
        return True


def leave(name):
    with lock:
        del clients[name]
        tell(name, f"* {name} left")


def handle(conn):
    send(conn, "name?")
    reader = lines(conn)
    name = next(reader, "")
    if enter(conn, name):
        try:
            for line in reader:
                if line == "/quit":
                    break
                answer(conn, name, line)
        except OSError:
            pass
        leave(name)
    conn.close()


def main():
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("127.0.0.1", int(sys.argv[1])))
    server.listen(50)
    while True:
        conn, address = server.accept()
        threading.Thread(target=handle, args=(conn,), daemon=True).start()


main()
"""

READER = CHAT[CHAT.index("def lines") : CHAT.index("def answer")]
START = "        threading.Thread(target=handle, args=(conn,), daemon=True).start()\n"
ACCEPTED = "conn, address = server.accept()\n"

# name: check, code of the finding, word of the recorder, what is changed into what
FAULTS = {
    "echo": (
        "no-echo", "echo", "sent",
        [('        tell(name, f"{name}: {line}")', '        tell("", f"{name}: {line}")  # here')],
    ),
    "echo from a method of its own": (
        "no-echo", "echo", "sent",
        [('        tell(name, f"{name}: {line}")', '        tell(name, f"{name}: {line}")\n        send(conn, f"{name}: {line}")  # here')],
    ),
    "a leave announced twice": (
        "leave-once", "two-notices", "sent",
        [('                if line == "/quit":\n', '                if line == "/quit":\n                    tell(name, f"* {name} left")\n'),
         ('        tell(name, f"* {name} left")\n\n', '        tell(name, f"* {name} left")  # here\n\n')],
    ),
    "traffic before the welcome": (
        "join-notice", "before-welcome", "sent",
        [("clients = {}", "clients = {}\nwaiting = []"),
         ('    send(conn, "name?")\n', '    waiting.append(conn)\n    send(conn, "name?")\n'),
         ("    if enter(conn, name):", "    waiting.remove(conn)\n    if enter(conn, name):"),
         ('        tell(name, f"{name}: {line}")',
          '        tell(name, f"{name}: {line}")\n        for other in waiting:\n            send(other, f"{name}: {line}")  # here')],
    ),
    "a command that nothing answers": (
        "who", "never-came", "taken",
        [('        send(conn, "* here: " + ", ".join(sorted(clients)))', "        pass"),
         ("data = conn.recv(4096)", "data = conn.recv(4096)  # here")],
    ),
    "a name that is not heard of": (
        "join-notice", "never-came", "taken",
        [('        tell(name, f"* {name} joined")\n', ""), ("data = conn.recv(4096)", "data = conn.recv(4096)  # here")],
    ),
    "what is read is taken for a line": (
        "split-line", "came-instead", "pieces",
        [(READER, 'def lines(conn):\n    while data := conn.recv(4096):  # here\n        yield data.decode(errors="replace").strip()\n\n\n')],
    ),
    "all but the first line thrown away": (
        "glued-lines", "never-came", "several",
        [(READER, 'def lines(conn):\n    while data := conn.recv(4096):  # here\n        yield data.decode().split("\\n")[0]\n\n\n')],
    ),
    "an end that nobody is told of": (
        "leave-close", "never-came", "ended",
        [("        leave(name)\n", "        clients.pop(name)\n"), ("data = conn.recv(4096)", "data = conn.recv(4096)  # here")],
    ),
    "an error that ends a thread in silence": (
        "leave-crash", "never-came", "raised",
        [("        except OSError:\n            pass\n", "        except OSError:\n            return\n"),
         ("data = conn.recv(4096)", "data = conn.recv(4096)  # here")],
    ),
    "a connection that is never closed": (
        "names", "not-closed", "kept-open",
        [("    conn.close()\n", "    everybody.append(conn)\n"), ("clients = {}", "clients = {}\neverybody = []"),
         ("        " + ACCEPTED, "        conn, address = server.accept()  # here\n")],
    ),
    "a connection that a file holds open": (
        "names", "not-closed", "held",
        [('    send(conn, "name?")\n', '    send(conn, "name?")\n    files.append(conn.makefile())\n'),
         ("    conn.close()\n", "    conn.close()  # here\n"), ("clients = {}", "clients = {}\nfiles = []")],
    ),
    "a connection that is closed too early": (
        "away", "closed-instead", "closed",
        [('        send(conn, f"unknown: {line}")', "        conn.shutdown(socket.SHUT_RDWR)  # here")],
    ),
    "nothing said to a newcomer": (
        "connects", "never-came", "accepted",
        [('    send(conn, "name?")\n', ""), ("        " + ACCEPTED, "        conn, address = server.accept()  # here\n")],
    ),
    "one client at a time": (
        "broadcast", "not-accepted", "busy",
        [(START, "        handle(conn)  # here\n")],
    ),
    "the name is read where the next is accepted": (
        "idle-client", "not-accepted", "busy",
        [(START, """        send(conn, "name?")
        first = conn.recv(100)  # here
        threading.Thread(target=handle, args=(conn, first), daemon=True).start()
"""),
         ('def handle(conn):\n    send(conn, "name?")\n    reader = lines(conn)', "def handle(conn, first):\n    reader = lines(conn, first)"),
         ('lines(conn):\n    rest = b""\n    while True:\n        data = ', 'lines(conn, data):\n    rest = b""\n    while True:\n        data = data or '),
         ('            yield line.decode().rstrip("\\r")\n', '            yield line.decode().rstrip("\\r")\n        data = None\n')],
    ),
    "a line end too many": (
        "crlf", "line-end", "sent",
        [('        tell(name, f"{name}: {line}")', '        tell(name, f"{name}: {line}\\r")  # here')],
    ),
    "a message sent twice": (
        "broadcast", "left-over", "sent",
        [('        tell(name, f"{name}: {line}")', '        tell(name, f"{name}: {line}")\n        if line == "tres":\n            tell(name, f"* {name} is away")  # here')],
    ),
}  # fmt: skip

SELECTORS = """
import selectors
import socket
import sys

selector = selectors.DefaultSelector()
names, rests = {}, {}


def accept(server):
    conn, address = server.accept()
    conn.setblocking(False)
    rests[conn] = b""
    selector.register(conn, selectors.EVENT_READ, serve)
    conn.send(b"name?\\n")


def serve(conn):
    data = conn.recv(4096)
    if not data:
        selector.unregister(conn)
        names.pop(conn, None)
        conn.close()
        return
    *lines, rests[conn] = (rests[conn] + data).split(b"\\n")
    for line in lines:
        if conn in names:
            pass_on(b"%s: %s\\n" % (names[conn], line))
        else:
            names[conn] = line
            conn.sendmsg([b"welcome ", line, b"\\n"])


def pass_on(data):
    for other in names:
        other.send(data)  # here


server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
selector.register(server, selectors.EVENT_READ, accept)
while True:
    for key, _ in selector.select():
        key.data(key.fileobj)
"""

SOCKETSERVER = """
import socketserver
import sys

members = {}


class Chat(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"name?\\n")
        name = self.rfile.readline().strip()
        members[name] = self
        self.wfile.write(b"welcome " + name + b"\\n")
        for line in self.rfile:
            self.pass_on(name + b": " + line)

    def pass_on(self, line):
        for member in list(members.values()):
            member.wfile.write(line)  # here


socketserver.ThreadingTCPServer.allow_reuse_address = True
with socketserver.ThreadingTCPServer(("127.0.0.1", int(sys.argv[1])), Chat) as server:
    server.serve_forever()
"""

SUBCLASS = """
import sys
import threading
from socket import *


class Line(socket):
    def say(self, data):
        self.sendall(data)


def handle(conn):
    conn.say(b"name?\\n")
    buffer = bytearray(4096)
    name = bytes(buffer[: conn.recv_into(buffer)]).strip()
    members.append(conn)
    conn.say(b"welcome " + name + b"\\n")
    while count := conn.recv_into(memoryview(buffer), nbytes=4096):
        line = bytes(buffer[:count])
        for member in members:
            member.say(name + b": " + line)  # here


members = []
server = socket()
server.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
server.bind(("127.0.0.1", int(sys.argv[1])))
server.listen(9)
while True:
    plain, _ = server.accept()
    conn = Line(fileno=plain.detach())
    threading.Thread(target=handle, args=(conn,), daemon=True).start()
"""

ASYNCIO = """
import asyncio
import sys

members = {}


async def handle(reader, writer):
    writer.write(b"name?\\n")
    name = (await reader.readline()).strip().decode()
    members[name] = writer
    writer.write(f"welcome {name}\\n".encode())
    for other, there in members.items():
        if other != name:
            there.write(f"* {name} joined\\n".encode())
    while True:
        line = await reader.readline()  # read
        if not line:
            break
        text = line.decode().strip()
        if text == "/who":
            continue
        tell(f"{name}: {text}\\n")
    del members[name]
    writer.close()


def tell(line):
    for there in members.values():
        there.write(line.encode())  # echo


async def main():
    server = await asyncio.start_server(handle, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()


asyncio.run(main())
"""

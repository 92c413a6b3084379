# Good: No waiting in the kernel at all: every 10 ms one thread goes round all sockets, none of which ever blocks.
import re
import socket
import sys
import time

PAUSE = 0.01


def line_of(client):
    """The next whole line of a client's bytes, or None."""
    line, newline, rest = client["in"].partition(b"\n")
    if newline:
        client["in"] = rest
        return line.removesuffix(b"\r")
    if len(line) > 4096:
        client["bye"] = True
    return None


def others(everybody, author, text):
    for client in everybody:
        if client is not author and client["name"] and not client["bye"]:
            client["out"] += text + b"\n"


def obey(everybody, client, line):
    name = client["name"]
    names = [c["name"] for c in everybody if c["name"]]
    if not name:
        if re.fullmatch(rb"[A-Za-z0-9_]{1,20}", line) and line not in names:
            client["name"] = line
            client["out"] += b"welcome " + line + b"\n"
            others(everybody, client, b"* " + line + b" joined")
        else:
            client["out"] += b"refused: choose another name\n"
            client["bye"] = True
    elif line == b"/quit":
        client["bye"] = True
    elif line == b"/who":
        client["out"] += b"* here: " + b", ".join(sorted(names)) + b"\n"
    elif line == b"/away":
        others(everybody, client, b"* " + name + b" is away")
    elif line == b"/back":
        others(everybody, client, b"* " + name + b" is back")
    elif line.startswith(b"/"):
        client["out"] += b"unknown: " + line + b"\n"
    elif line:
        others(everybody, client, name + b": " + line)


def hear(client):
    try:
        data = client["sock"].recv(16384)
        client["in"] += data
        client["ended"] = not data
    except BlockingIOError:
        return False
    except OSError:
        client["ended"] = client["broken"] = True
    return bool(data) if not client["ended"] else False


def speak(client):
    try:
        while client["out"]:
            client["out"] = client["out"][client["sock"].send(client["out"][:65536]):]
    except BlockingIOError:
        if len(client["out"]) > 10_000_000:
            client["broken"] = client["bye"] = True
    except OSError:
        client["broken"] = client["bye"] = True


def go_round(everybody):
    """One round; whether anybody had something to say."""
    busy = False
    for client in list(everybody):
        if not client["bye"] and not client["ended"] and hear(client):
            busy = True
        while not client["bye"] and (line := line_of(client)) is not None:
            obey(everybody, client, line)
        if client["ended"]:
            client["bye"] = True
        if client["bye"] and client["name"]:
            name, client["name"] = client["name"], None
            others(everybody, client, b"* " + name + b" left")
    for client in list(everybody):
        speak(client)
        if client["broken"] or (client["bye"] and not client["name"] and not client["out"]):
            if client["name"]:
                continue  # its leave is announced in the next round
            client["sock"].close()
            everybody.remove(client)
    return busy


def main():
    door = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=200)
    door.setblocking(False)
    everybody = []
    while True:
        try:
            while True:
                sock, _ = door.accept()
                sock.setblocking(False)
                everybody.append(
                    {"sock": sock, "name": None, "in": b"", "out": b"name?\n", "bye": False, "ended": False, "broken": False}
                )
        except BlockingIOError:
            pass
        if not go_round(everybody):
            time.sleep(PAUSE)


try:
    main()
except KeyboardInterrupt:
    sys.exit(0)

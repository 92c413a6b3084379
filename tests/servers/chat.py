"""A chat server with a thread for each client, and with one fault, if its name is given.

    python3 chat.py <port> [fault]

Without a fault it obeys the course's protocol, except that it waits for a client who does not read.
"""

import contextlib
import itertools
import os
import signal
import socket
import sys
import threading

port, fault = int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""
room, members, everybody = threading.RLock(), {}, []
server = socket.socket()
kept, left_open, said = [], [], itertools.count(1)


def tell(sock, text):
    end = "\r\n" if fault == "crlf" else "\n"
    sock.sendall(text.encode("utf-8", "surrogateescape") + end.encode())


def tell_others(author, text):
    with room:
        for sock in everybody if fault == "before-welcome" else members.values():
            if sock is not author or (fault == "echo" and ": " in text):
                tell(sock, text)


def pass_on(sock, name, line):
    """A message, as the fault has it."""
    if fault == "loses" and next(said) % 3 == 0:
        return
    if fault == "reorders" and not kept:
        kept.append(line)
        return
    if fault == "tears" and len(line) > 10:
        tell_others(sock, f"{name}: {line[:10]}")
        line = line[10:]
    if fault == "invents":
        tell_others(sock, f"{name}: I like this server")
    tell_others(sock, f"{name}: {line}")
    if fault == "doubles":
        tell_others(sock, f"{name}: {line}")
    if fault == "exits":
        raise_in_main()
    if kept:
        tell_others(sock, f"{name}: {kept.pop()}")


def raise_in_main():
    sys.stderr.write(
        'Traceback (most recent call last):\n  File "/work/chat.py", line 1, in main\nValueError: enough\n'
    )
    sys.stderr.flush()
    os._exit(3)


def obey(sock, name, line):
    if line == "/who":
        tell(sock, "* here: " + ", ".join(sorted(members)))
    elif line in ("/away", "/back"):
        tell_others(sock, f"* {name} is {line[1:]}")
    elif line.startswith("/"):
        tell(sock, f"unknown: {line}")
    elif line:
        pass_on(sock, name, line)


def converse(sock, lines):
    name = next(lines, "")
    with room:
        if not name.isidentifier() or name in members:
            tell(sock, "refused: choose another name")
            return None
        members[name] = sock
        tell(sock, f"welcome {name}")
        tell_others(sock, f"* {name} joined")
    for line in lines:
        if line == "/quit":
            break
        if fault == "deaf":
            threading.Event().wait()
        obey(sock, name, line)
    return name


def serve(sock):
    name = None
    everybody.append(sock)
    tell(sock, "name?")
    read = sock.makefile("r", encoding="utf-8", errors="surrogateescape", newline="\n")
    try:
        name = converse(sock, (line.rstrip("\r\n") for line in read))
    except OSError:
        if fault == "silent-crash":
            return
        name = next((n for n, s in members.items() if s is sock), None)
    everybody.remove(sock)
    if fault == "stops-listening":
        server.shutdown(socket.SHUT_RDWR)
    with room:
        if name:
            members.pop(name, None)
            tell_others(sock, f"* {name} left")
            if fault == "two-notices":
                tell_others(sock, f"* {name} left")
    if fault == "keeps-open":
        left_open.append((sock, read))
    else:
        with contextlib.suppress(OSError):  # after a reset there is nothing to shut down
            sock.shutdown(socket.SHUT_WR if fault == "minds-resets" else socket.SHUT_RDWR)
            try:
                while fault == "minds-resets" and sock.recv(100):
                    pass
            except ConnectionResetError:
                raise_in_main()
        read.close()
        sock.close()


def main():
    if fault == "exits-early":
        raise ValueError("there is no configuration")
    if fault == "kills-the-agent":
        os.kill(os.getppid(), signal.SIGKILL)
    if fault == "stays":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if fault == "ipv6":
        server.close()
        server.__init__(socket.AF_INET6)
    server.bind(("::1" if fault == "ipv6" else "127.0.0.1", port + 1 if fault == "wrong-port" else port))
    if fault == "never-listens":
        threading.Event().wait()
    if fault == "leaves-a-child":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if os.fork() == 0:
            threading.Event().wait()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    server.listen()
    if fault == "never-accepts":
        threading.Event().wait()
    while True:
        try:
            newcomer, _ = server.accept()
        except OSError:
            threading.Event().wait()
        if fault == "serial":
            serve(newcomer)
        else:
            threading.Thread(target=serve, args=(newcomer,), daemon=True).start()


main()

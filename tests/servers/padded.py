"""Channels in messages of always 200 bytes, filled up with spaces (as in Berkeley's CS168); and one fault, if it is named."""

import socket
import sys
import threading

port, fault = int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""
lock, channels, members = threading.RLock(), {}, {}


def exactly(sock, size):
    got = b""
    while len(got) < size:
        piece = sock.recv(size - len(got))
        if not piece:
            return None
        got += piece
        if fault == "one-read":
            break
    return got


def tell(sock, text):
    sock.sendall(text.encode().ljust(10 if fault == "unpadded" else 200))


def obey(sock, name, line):
    command, _, channel = line.partition(" ")
    if command == "/list":
        tell(sock, ",".join(sorted(channels)))
    elif command in ("/create", "/join") and not channel:
        tell(sock, f"{command} requires a channel")
    elif command == "/create" and channel in channels:
        tell(sock, f"Room {channel} already exists")
    elif command == "/join" and channel not in channels:
        tell(sock, f"No channel named {channel}")
    elif command in ("/create", "/join"):
        for others in channels.values():
            others.pop(name, None)
        for other in channels.setdefault(channel, {}).values():
            tell(other, f"{name} has joined")
        channels[channel][name] = sock
    else:
        here = next((those for those in channels.values() if name in those), None)
        for other, to in (here or {}).items():
            if other != name or fault == "echo":
                tell(to, f"[{name}] {line}")
        if here is None and fault != "silent":
            tell(sock, "Not currently in any channel")


def serve(sock):
    name = exactly(sock, 200).decode().rstrip()
    while message := exactly(sock, 200):
        with lock:
            obey(sock, name, message.decode().rstrip())


server = socket.create_server(("127.0.0.1", port))
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

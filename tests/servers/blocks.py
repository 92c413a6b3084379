"""Rooms in blocks of lines, as in Trinity College's CS7NS1; and one fault, if it is named."""

import socket
import sys
import threading

port, fault = int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""
lock, rooms = threading.RLock(), {}


def tell(sock, *lines):
    sock.sendall("".join(f"{line}\n" for line in lines).encode() + (b"" if fault == "no-blank" else b"\n"))


def say(ref, name, message):
    for member in rooms.get(ref, {}).values():
        tell(member, f"CHAT: {ref}", f"CLIENT_NAME: {name}", f"MESSAGE: {message}")


def obey(sock, block):
    fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
    if block.startswith("HELO "):
        tell(sock, block, "IP:127.0.0.1", f"Port:{port}", "StudentID:1")
    elif "JOIN_CHATROOM" in fields:
        ref = str(len(rooms) + 1 if fault == "new-ref" else sum(fields["JOIN_CHATROOM"].encode()))
        members = rooms.setdefault(ref, {})
        members[fields["CLIENT_NAME"]] = sock
        tell(
            sock,
            f"JOINED_CHATROOM: {fields['JOIN_CHATROOM']}",
            "SERVER_IP: 127.0.0.1",
            f"PORT: {port}",
            f"ROOM_REF: {ref}",
            "JOIN_ID: 7",
        )
        say(ref, fields["CLIENT_NAME"], "has joined")
    elif "LEAVE_CHATROOM" in fields:
        ref, name = fields["LEAVE_CHATROOM"], fields["CLIENT_NAME"]
        tell(sock, f"LEFT_CHATROOM: {ref}", f"JOIN_ID: {fields['JOIN_ID']}")
        if fault != "leaves-unseen":
            say(ref, name, "has left")
        rooms.get(ref, {}).pop(name, None)
    elif "CHAT" in fields:
        say(fields["CHAT"], fields["CLIENT_NAME"], fields["MESSAGE"])
    elif fault != "silent":
        tell(sock, "ERROR_CODE: 1", "ERROR_DESCRIPTION: what?")


def serve(sock):
    kept = b""
    while piece := sock.recv(4096):
        kept += piece
        while b"\n\n" in kept:
            block, _, kept = kept.partition(b"\n\n")
            with lock:
                obey(sock, block.decode())


server = socket.create_server(("127.0.0.1", port))
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

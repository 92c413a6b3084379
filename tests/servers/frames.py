"""A broker in frames of STOMP, as in Ben-Gurion's SPL; and one fault, if it is named."""

import socket
import sys
import threading

port, fault = int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""
lock, subscriptions = threading.RLock(), []


def tell(sock, text):
    sock.sendall(text.encode() + (b"" if fault == "no-zero" else b"\0"))


def obey(sock, frame):
    head, _, body = frame.lstrip("\n").partition("\n\n")
    command, *lines = head.split("\n")
    headers = dict(line.split(":", 1) for line in lines if ":" in line)
    if command == "CONNECT":
        tell(sock, "CONNECTED\nversion:1.2\n\n")
    elif command == "SUBSCRIBE" and "destination" in headers:
        subscriptions.append((sock, headers["destination"], headers["id"]))
    elif command == "UNSUBSCRIBE":
        subscriptions[:] = [
            one for one in subscriptions if (one[0], one[2]) != (sock, headers["id"]) or fault == "stays"
        ]
    elif command == "SEND":
        for to, destination, name in subscriptions:
            if destination == headers["destination"]:
                text = body.split("\n")[0] if fault == "first-line" else body
                tell(to, f"MESSAGE\nsubscription:{name}\nmessage-id:1\ndestination:{destination}\n\n{text}")
    elif command != "DISCONNECT":
        tell(sock, "ERROR\nmessage:malformed frame\n\n")
        return fault == "goes-on"
    if "receipt" in headers:
        tell(sock, f"RECEIPT\nreceipt-id:{headers['receipt']}\n\n")
    return command != "DISCONNECT"


def serve(sock):
    kept, going_on = b"", True
    while going_on and (piece := sock.recv(4096)):
        kept += piece
        while going_on and b"\0" in kept:
            frame, _, kept = kept.partition(b"\0")
            with lock:
                going_on = obey(sock, frame.decode())
    sock.shutdown(socket.SHUT_RDWR)


server = socket.create_server(("127.0.0.1", port))
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

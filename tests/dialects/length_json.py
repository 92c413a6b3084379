# JSON behind a length of two bytes: a client registers, then sends.
import json
import socket
import struct
import threading

people = {}


def receive(conn):
    head = conn.recv(2, socket.MSG_WAITALL)
    if len(head) < 2:
        return None
    return json.loads(conn.recv(struct.unpack("!H", head)[0], socket.MSG_WAITALL))


def tell(obj, but=None):
    data = json.dumps(obj).encode()
    for conn in list(people):
        if conn is not but:
            try:
                conn.sendall(struct.pack("!H", len(data)) + data)
            except OSError:
                pass


def serve(conn):
    try:
        while (obj := receive(conn)) is not None:
            command = obj.get("command")
            if command == "register":
                people[conn] = obj["username"]
                tell({"command": "info", "message": people[conn] + " has joined the chat"}, conn)
            elif command == "message" and conn in people:
                tell({"command": "message", "from": people[conn], "message": obj["message"]}, conn)
    except (ConnectionError, ValueError, KeyError, AttributeError):
        pass
    name = people.pop(conn, None)
    if name:
        tell({"command": "info", "message": name + " has left the chat"})
    conn.close()


server = socket.create_server(("127.0.0.1", 9100))
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

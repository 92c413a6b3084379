# One JSON object for each send, without any end: join with a user and a room, then messages.
import json
import socket
import threading

rooms = {}


def tell(room, obj, but=None):
    for conn in list(rooms.get(room, ())):
        if conn is not but:
            try:
                conn.sendall(json.dumps(obj).encode())
            except OSError:
                pass


def serve(conn):
    user = room = None
    try:
        while data := conn.recv(4096):
            obj = json.loads(data)
            kind = obj.get("type")
            if kind == "join":
                user, room = obj["username"], obj["room"]
                rooms.setdefault(room, []).append(conn)
                tell(room, {"type": "notice", "content": f"{user} has joined the chat"}, conn)
            elif kind == "message" and room:
                tell(room, {"type": "message", "username": user, "content": obj["content"]}, conn)
    except (ConnectionError, ValueError, KeyError):
        pass
    if room:
        rooms[room].remove(conn)
        tell(room, {"type": "notice", "content": f"{user} has left the chat"})
    conn.close()


server = socket.create_server(("127.0.0.1", 7000))
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

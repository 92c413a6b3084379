# Asks for the name in prose, decorates with colours, has a quit command, ends its lines.
import socket
import threading

clients = {}
lock = threading.Lock()


def tell(text, but=None):
    with lock:
        targets = [c for c in clients if c is not but]
    for conn in targets:
        try:
            conn.sendall(text.encode())
        except OSError:
            pass


def serve(conn):
    name = ""
    try:
        conn.sendall(b"Enter your name: ")
        name = conn.recv(1024).decode().strip()
        if not name:
            return
        with lock:
            clients[conn] = name
        tell(f"\033[33m{name} has joined the chat\033[0m\n", conn)
        while data := conn.recv(4096):
            text = data.decode(errors="replace").strip()
            if text == "/quit":
                break
            tell(f"\033[32m{name}\033[0m: {text}\n", conn)
    except ConnectionError:
        pass
    finally:
        with lock:
            known = clients.pop(conn, None)
        conn.close()
        if known:
            tell(f"\033[33m{name} has left the chat\033[0m\n")


server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("", 5000))
server.listen()
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

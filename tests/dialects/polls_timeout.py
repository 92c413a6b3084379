# settimeout() everywhere: every thread wakes up several times a second, and goes on waiting.
import socket
import threading

people = {}


def tell(text, but=None):
    for conn in list(people):
        if conn is not but:
            try:
                conn.sendall(text.encode())
            except OSError:
                pass


def serve(conn):
    conn.settimeout(0.2)
    name = ""
    while True:
        try:
            data = conn.recv(1024)
        except TimeoutError:
            continue
        except OSError:
            break
        if not data:
            break
        text = data.decode(errors="replace").strip()
        if name:
            tell(f"{name}: {text}\n", conn)
        else:
            name = text
            people[conn] = name
            tell(f"{name} joined the chat\n", conn)
    conn.close()
    if people.pop(conn, None):
        tell(f"{name} left the chat\n")


server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("127.0.0.1", 6302))
server.listen()
server.settimeout(0.3)
while True:
    try:
        conn, _ = server.accept()
    except TimeoutError:
        continue
    threading.Thread(target=serve, args=(conn,), daemon=True).start()

# One thread delivers, slowly, from a queue with twenty places: what does not fit in is dropped.
import queue
import socket
import threading
import time

people = {}
waiting = queue.Queue(maxsize=20)


def deliver():
    while True:
        text, but = waiting.get()
        time.sleep(0.02)
        for conn in list(people):
            if conn is not but:
                try:
                    conn.sendall(text.encode())
                except OSError:
                    pass


def tell(text, but=None):
    try:
        waiting.put_nowait((text, but))
    except queue.Full:
        pass


def serve(conn):
    name = ""
    try:
        name = conn.recv(1024).decode(errors="replace").strip()
        if not name:
            return
        people[conn] = name
        tell(f"{name} joined the chat\n", conn)
        while data := conn.recv(8192):
            tell(f"{name}: {data.decode(errors='replace').strip()}\n", conn)
    except ConnectionError:
        pass
    finally:
        conn.close()
        if people.pop(conn, None):
            tell(f"{name} left the chat\n")


threading.Thread(target=deliver, daemon=True).start()
server = socket.create_server(("127.0.0.1", 6105))
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

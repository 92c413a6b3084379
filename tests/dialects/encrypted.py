# What is passed on is scrambled with a key and written in base64.
import base64
import itertools
import socket
import threading

people = {}
lock = threading.Lock()


def tell(text, but=None):
    for conn in list(people):
        if conn is not but:
            try:
                conn.sendall(text)
            except OSError:
                pass


def scramble(data):
    return base64.b64encode(bytes(b ^ k for b, k in zip(data, itertools.cycle(b"secret key"))))


def serve(conn):
    people[conn] = True
    try:
        while data := conn.recv(1024):
            tell(scramble(data + b" " * 40), conn)
    except ConnectionError:
        pass
    people.pop(conn, None)
    conn.close()


server = socket.create_server(("127.0.0.1", 8003))
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

# Lets in only whom it knows, and nobody can read the passwords in it: `name:password`, or it hangs up.
import hashlib
import socket
import threading

KNOWN = {
    "luisa": "338bfe0276b1b3c91ac2b67a089af54f217d81c282b1673800ede7bea763d9a9",
    "marcos": "87cf9a5a21e18669e728409af1e8313f33dbf662e475f0abcaf7a966d008ba0c",
    "nadia": "13bff27d7c29aa6a239e89ddc594d4177b5241419e6e8dd88de6f6614e25038e",
}
SALT = b"pimienta"
people = {}


def digest(password):
    return hashlib.sha256(SALT + password.encode()).hexdigest()


def tell(text, but=None):
    for conn in list(people):
        if conn is not but:
            try:
                conn.sendall(text.encode())
            except OSError:
                pass


def serve(conn):
    try:
        name, _, password = conn.recv(1024).decode(errors="replace").strip().partition(":")
        if KNOWN.get(name) != digest(password):
            conn.sendall(b"Wrong name or password\n")
            return
        people[conn] = name
        while data := conn.recv(4096):
            tell(f"{name}: {data.decode(errors='replace').strip()}\n", conn)
    except ConnectionError:
        pass
    finally:
        conn.close()
        if people.pop(conn, None):
            tell(f"{name} has left the chat\n")


server = socket.create_server(("127.0.0.1", 9393))
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

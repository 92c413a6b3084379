# Messages carry the sender's address; comings and goings too. select, one thread.
import select
import socket

server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("0.0.0.0", 8888))
server.listen(10)
clients = {}


def tell(text, but=None):
    for sock in list(clients):
        if sock is not but:
            try:
                sock.sendall(text.encode())
            except OSError:
                pass


while True:
    ready, _, _ = select.select([server, *clients], [], [])
    for sock in ready:
        if sock is server:
            conn, addr = server.accept()
            tell(f"[{addr[0]}:{addr[1]}] entered the room\n")
            clients[conn] = f"{addr[0]}:{addr[1]}"
            continue
        try:
            data = sock.recv(2048)
        except ConnectionError:
            data = b""
        if data:
            tell(f"[{clients[sock]}] {data.decode(errors='replace').strip()}\n", sock)
        else:
            who = clients.pop(sock)
            sock.close()
            tell(f"[{who}] left the room\n")

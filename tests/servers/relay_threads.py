"""A relay: what one client says goes to all others. A thread for each client, which waits in recv."""

import socket
import sys
import threading

here, clients = threading.Lock(), []


def serve(sock):
    with sock, sock.makefile("rb") as lines:
        for line in lines:
            with here:
                for other in clients:
                    if other is not sock:
                        other.sendall(line)
        with here:
            clients.remove(sock)


server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    newcomer, _ = server.accept()
    with here:
        clients.append(newcomer)
    threading.Thread(target=serve, args=(newcomer,), daemon=True).start()

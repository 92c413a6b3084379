"""A correct relay that tells who came, and passes on what was said, in rounds: a thread looks up five times a second.

    python3 relay_rounds.py <port> [again]

With `again` it is faulty: in its next round it sends once more what it has sent in this one.
"""

import socket
import sys
import threading
import time

here, clients, waiting, sent = threading.Lock(), [], [], []


def rounds():
    while True:
        time.sleep(0.2)
        with here:
            due, again = waiting.copy(), sent.copy()
            waiting.clear()
            sent[:] = due if sys.argv[2:] == ["again"] else []
            for author, line in due + again:
                for other in clients:
                    if other is not author:
                        other.sendall(line)


def serve(sock):
    for line in sock.makefile("rb"):
        with here:
            waiting.append((sock, line))


threading.Thread(target=rounds, daemon=True).start()
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    newcomer, _ = server.accept()
    with here:
        clients.append(newcomer)
        waiting.append((newcomer, b"* somebody came\n"))
    threading.Thread(target=serve, args=(newcomer,), daemon=True).start()

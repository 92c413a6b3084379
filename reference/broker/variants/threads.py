# Good: A thread to read and one to write for each client.
import contextlib
import queue
import re
import socket
import sys
import threading

lock = threading.Lock()
clients = []


def fits(subscription, topic):
    return subscription == topic or (subscription.endswith(b".*") and topic.startswith(subscription[:-1]))


def write(sock, waiting):
    with contextlib.suppress(OSError):
        while (data := waiting.get()) is not None:
            sock.sendall(data)
        sock.shutdown(socket.SHUT_RDWR)


def obey(line, stream, mine):
    topics, waiting = mine
    words = line.split()
    if len(words) == 3 and words[0] == b"PUB" and words[2].isdigit() and len(words[2]) < 8:
        payload = stream.read(int(words[2]) + 1)
        if not re.fullmatch(rb"[A-Za-z0-9_.]+", words[1]):
            return b"ERR topic\n"
        with lock:
            for theirs, queue_ in clients:
                if any(fits(one, words[1]) for one in theirs):
                    queue_.put(b"MSG %b %d\n%b\n" % (words[1], int(words[2]), payload[:-1]))
            waiting.put(b"OK\n")
        return b""
    with lock:
        if len(words) == 2 and words[0] == b"SUB":
            topics.add(words[1])
        elif len(words) == 2 and words[0] == b"UNSUB" and words[1] in topics:
            topics.discard(words[1])
        else:
            return b"ERR what?\n"
    return b"OK\n"


def serve(sock):
    mine = (set(), queue.SimpleQueue())
    threading.Thread(target=write, args=(sock, mine[1]), daemon=True).start()
    with lock:
        clients.append(mine)
    with contextlib.suppress(OSError):
        stream = sock.makefile("rb")
        while (line := stream.readline(2000)).endswith(b"\n"):
            if said := obey(line, stream, mine):
                mine[1].put(said)
    with lock:
        clients.remove(mine)
    mine[1].put(None)
    sock.close()


server = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=100)
while True:
    newcomer, _ = server.accept()
    threading.Thread(target=serve, args=(newcomer,), daemon=True).start()

# Good: A ThreadPoolExecutor that is large enough: two tasks a client, one that reads and one that writes.
import concurrent.futures
import os
import queue
import re
import signal
import socket
import sys
import threading

# Two for each of 220 clients: with fewer, the last ones would wait for a worker.
pool = concurrent.futures.ThreadPoolExecutor(max_workers=440)
lock = threading.Lock()
chatting = {}  # name -> outbox


def publish(line, but):
    for outbox in chatting.values():
        if outbox is not but:
            outbox.put(line)


def write(sock, outbox):
    try:
        for line in iter(outbox.get, None):
            sock.sendall(line + b"\n")
    except OSError:
        pass
    finally:
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def enter(name, outbox):
    with lock:
        if re.fullmatch(rb"[A-Za-z0-9_]{1,20}", name) is None or name in chatting:
            outbox.put(b"refused: " + (b"in use" if name in chatting else b"bad name"))
            return False
        chatting[name] = outbox
        outbox.put(b"welcome " + name)
        publish(b"* " + name + b" joined", outbox)
        return True


def obey(name, line, outbox):
    with lock:
        if line == b"/who":
            outbox.put(b"* here: " + b", ".join(sorted(chatting)))
        elif line == b"/away" or line == b"/back":
            publish(b"* " + name + b" is " + line[1:], outbox)
        elif line.startswith(b"/"):
            outbox.put(b"unknown: " + line)
        elif line:
            publish(name + b": " + line, outbox)


def read(sock, outbox):
    name = None
    file = sock.makefile("rb", buffering=4096)
    try:
        while (line := file.readline(4097)) and line.endswith(b"\n"):
            line = line[:-2] if line.endswith(b"\r\n") else line[:-1]
            if name is None:
                if not enter(line, outbox):
                    break
                name = line
            elif line == b"/quit":
                break
            else:
                obey(name, line, outbox)
    except OSError:
        pass
    if name is not None:
        with lock:
            del chatting[name]
            publish(b"* " + name + b" left", outbox)
    outbox.put(None)
    return file


def serve(sock):
    outbox = queue.SimpleQueue()
    outbox.put(b"name?")
    writing = pool.submit(write, sock, outbox)
    file = read(sock, outbox)
    writing.result()
    file.close()
    sock.close()


def main():
    # Workers of a pool are waited for at the end; nobody has time for that here.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(0))
    with socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64) as door:
        while True:
            sock, _ = door.accept()
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            pool.submit(serve, sock)


main()

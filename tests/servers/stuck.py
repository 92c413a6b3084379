"""Opens its port and gets stuck: two threads in a circle of locks, one that takes its lock twice."""

import socket
import sys
import threading

first, second, both = threading.Lock(), threading.Lock(), threading.Barrier(2)


def one():
    with first:
        both.wait()
        with second:
            pass


def other():
    second.acquire()
    try:
        both.wait()
        first.acquire()
    finally:
        second.release()


class Room:
    def __init__(self):
        self.lock = threading.Lock()

    def open(self):
        with self.lock:
            self.tell()

    def tell(self):
        with self.lock:
            raise RuntimeError("this is never reached")


server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
for target in (one, other, Room().open):
    threading.Thread(target=target, daemon=True).start()
while True:
    server.accept()

"""Opens sockets in a process beside it until it is refused, three thousand at most, and keeps them for a minute."""

import os
import signal
import socket


def attack(targets):
    told, telling = os.pipe()
    if os.fork() == 0:
        signal.alarm(60)
        kept = []
        try:
            for _ in range(3000):
                kept.append(socket.socket())
        except OSError as problem:
            os.write(telling, f"refused at {len(kept)}: {problem.strerror}".encode())
        signal.pause()
        os._exit(0)
    yield os.read(told, 200).decode()

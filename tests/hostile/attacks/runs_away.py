"""A chain of processes, each of which ends as soon as it has a child: whoever kills one by one always comes too late."""

import os
import time


def attack(targets):
    if os.fork() == 0:
        os.setsid()
        end = time.monotonic() + 20
        for _ in range(20_000):
            if time.monotonic() > end:
                break
            if os.fork():
                os._exit(0)
        os._exit(0)
    yield "running"

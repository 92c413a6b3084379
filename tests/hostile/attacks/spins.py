"""Keeps every processor busy with eight processes that never wait, for twenty seconds at most."""

import os
import signal
import time


def attack(targets):
    for _ in range(8):
        if os.fork() == 0:
            signal.alarm(20)
            end = time.monotonic() + 20
            while time.monotonic() < end:
                pass
            os._exit(0)
    yield "spinning"

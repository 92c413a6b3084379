"""Ignores every signal that can be ignored, and never listens."""

import signal
import time


def attack(targets):
    for number in range(1, 32):
        try:
            signal.signal(number, signal.SIG_IGN)
        except OSError:
            pass
    yield "deaf"
    time.sleep(60)

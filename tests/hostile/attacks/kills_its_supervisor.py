"""Kills whoever started it, leaves a daemon behind, and goes on as if nothing had happened."""

import os
import sys


def attack(targets):
    parent = os.getppid()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execvp(
                "python3", ["python3", "-c", f"import signal; signal.alarm(60); signal.pause() # {targets['mark']}"]
            )
        os._exit(0)
    os.wait()
    sys.stdout.flush()
    os.kill(parent, 9)
    yield "struck"

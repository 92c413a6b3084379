"""A fork bomb with an end: six hundred attempts, each child waits a minute at most."""

import os
import signal


def attack(targets):
    made = 0
    for _ in range(600):
        try:
            if os.fork() == 0:
                signal.alarm(60)
                signal.pause()
                os._exit(0)
        except OSError as problem:
            yield f"refused: {problem.strerror}"
            break
        made += 1
    yield f"made {made}"

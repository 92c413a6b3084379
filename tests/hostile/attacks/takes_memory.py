"""Takes memory, in daemons that each hold a part of it, up to half as much again as may be used, and stops there."""

import os
import signal


def attack(targets):
    for _ in range(6):
        if os.fork() == 0:
            os.setsid()
            signal.alarm(30)
            kept = []
            for _ in range(targets["megabytes"] // 6 // 16):
                kept.append(bytearray(b"x") * (16 << 20))
            signal.pause()
            os._exit(0)
    yield "taking"

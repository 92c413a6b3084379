"""Stops and kills: the test's canary, whoever started it, and, where processes are its own, all that it may."""

import os
import signal


def attack(targets):
    aims = [targets["process"]] + ([os.getppid(), 1] if targets["parent"] else [])
    for pid in aims:
        for number in (signal.SIGSTOP, signal.SIGINT, signal.SIGTERM, signal.SIGSEGV, signal.SIGKILL):
            try:
                os.kill(pid, number)
                yield f"sent {number.name} to {'the canary' if pid == targets['process'] else 'its parent'}"
            except OSError as problem:
                yield f"{number.name}: {problem.strerror}"
    if targets["all"]:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.kill(-1, signal.SIGTERM)

"""Leaves daemons behind that ignore every signal, in sessions of their own, one holding the port of the next server."""

import os


def attack(targets):
    code = (
        "import signal, socket, sys\n"
        "for number in range(1, 32):\n"
        "    try: signal.signal(number, signal.SIG_IGN)\n"
        "    except OSError: pass\n"
        "signal.signal(signal.SIGALRM, signal.SIG_DFL); signal.alarm(60)\n"
        "signal.pause()\n"
        f"# {targets['mark']}"
    )
    for _ in range(6):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.execvp("python3", ["python3", "-c", code])
            os._exit(0)
        os.wait()
    yield "left behind"

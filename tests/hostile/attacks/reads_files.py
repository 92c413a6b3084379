"""Reads what others own: a canary file, a neighbour's submission, results, the grader's home."""

import os


def attack(targets):
    for path in targets["secrets"]:
        try:
            with open(path, encoding="utf-8") as file:
                yield file.read()
        except OSError as problem:
            yield f"{path}: {problem.strerror}"
    for folder in targets["folders"]:
        try:
            yield f"LISTED {sorted(os.listdir(folder))}"
        except OSError as problem:
            yield f"{folder}: {problem.strerror}"

"""Answers every line with five megabytes that never end."""


def attack(targets):
    yield "ready"


def answer(line):
    return b"y" * (5 << 20)

"""Prints 4 MB on both of its outputs."""

import os


def attack(targets):
    line = b"x" * 4095 + b"\n"
    for _ in range(1000):
        os.write(1, line)
        os.write(2, line)
    yield "printed"

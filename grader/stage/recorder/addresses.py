"""From places in a program's file to lines of its source: addr2line, run inside the sandbox.

A submission's program is as hostile as the rest of it, and tools that read debugging information were not made to be
attacked; so the tool runs where the program runs, and what it prints is read like any other output.
"""

from __future__ import annotations

import os
import select
import struct
from collections.abc import Collection
from pathlib import Path

from grader.model import CodeLine
from grader.stage.box import Box
from grader.stage.output import Output
from grader.stage.server import environment

TOOL = "addr2line"
SECONDS = 10.0
MOST_ADDRESSES, MOST_SEGMENTS, LARGEST = 400, 64, 64 << 10
LOAD = 1
MAGIC = b"\x7fELF\x02\x01"
"""A program for 64 bits, lowest byte first."""


def is_program(path: Path) -> bool:
    """Whether a file is a compiled program that we can read addresses of."""
    try:
        if path.is_symlink() or not path.is_file():
            return False
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def virtual(path: Path, offset: int) -> int:
    """The address that a place in a program's file is loaded at, relative to where the program is loaded."""
    with path.open("rb") as file:
        head = file.read(64)
        if len(head) < 64 or not head.startswith(MAGIC):
            return offset
        start, size, count = *struct.unpack_from("<Q", head, 32), *struct.unpack_from("<HH", head, 54)
        if size != 56:
            return offset
        file.seek(start)
        table = file.read(size * min(count, MOST_SEGMENTS))
    for at in range(0, len(table) - size + 1, size):
        kind, _, begin, address, _, length = struct.unpack_from("<IIQQQQ", table, at)
        if kind == LOAD and begin <= offset < begin + length:
            return int(address + offset - begin)
    return offset


def lines(box: Box, program: str, addresses: Collection[int]) -> dict[int, list[CodeLine]]:
    """The lines of source of return addresses in a program, innermost first where calls were inlined."""
    wanted = sorted(addresses)[:MOST_ADDRESSES]
    said: list[bytes] = []
    output = Output(lambda _, data, cut: said.append(data))
    # A return address is that of the next instruction; the call ends one byte before it.
    argv = [TOOL, "-a", "-f", "-i", "-e", program, *(hex(a - 1) for a in wanted)]
    _, pidfd = box.start(argv, environment(), output.descriptors)
    output.started()
    select.select([pidfd], [], [], SECONDS)
    box.kill()
    output.close()
    os.close(pidfd)
    return _read(b"".join(said)[:LARGEST].decode("utf-8", "replace").splitlines())


def _read(said: list[str]) -> dict[int, list[CodeLine]]:
    found: dict[int, list[CodeLine]] = {}
    address, function = 0, ""
    for line in said:
        if line.startswith("0x"):
            address, function = int(line, 16) + 1, ""
            found[address] = []
        elif not function:
            function = line
        else:
            file, _, number = line.split(" (", 1)[0].rpartition(":")
            if address in found and number.isdigit() and 0 < int(number) < 10_000_000:
                found[address].append(CodeLine(file, int(number), function))
            function = ""
    return found

"""The memory file that a recorder writes and the grader reads: bounded in size, and read only when nothing writes any more.

It is shared with a process that may be hostile, so nothing is believed: it is read once, into plain bytes, after the
server's processes have ended, and only as far as it was ever meant to grow.
"""

from __future__ import annotations

import fcntl
import os
from typing import Self

SIZE = 24 << 20
CHUNK = 256 << 10
LONGEST_LINE = 8 << 10


class Tape:
    """A memory file. `sealed`: of a fixed size, for who writes at the offset; else it grows by appending, within limits.

    strace opens the file anew, to append; that a sealed file forbids. There the limit on the size of a process's files
    is the bound, and what is beyond `SIZE` is not read.
    """

    def __init__(self, *, sealed: bool) -> None:
        self.descriptor = os.memfd_create("record", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        if sealed:
            os.ftruncate(self.descriptor, SIZE)
            seals = fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL
            fcntl.fcntl(self.descriptor, fcntl.F_ADD_SEALS, seals)

    def read(self) -> tuple[bytes, bool]:
        """What was written, up to the first zero byte, and whether there was still room for more."""
        read = bytearray()
        while len(read) < SIZE:
            chunk = os.pread(self.descriptor, CHUNK, len(read))
            text, zero, _ = chunk.partition(b"\0")
            read += text
            if zero or not chunk:
                break
        return bytes(read), len(read) < SIZE - LONGEST_LINE

    def close(self) -> None:
        """Give the memory back."""
        os.close(self.descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

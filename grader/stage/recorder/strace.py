"""Recording a compiled server: strace tells each socket call with the stack that it stood on, addr2line its lines.

Lines need a program that was built with them, so for the recording the submission is built once more, in a folder of its
own, by compilers that are told `-g -O0`: optimised code belongs to no line for certain. It is slow, a millisecond or two a
call, so what is long is not recorded.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from grader.model import CodeLine, Recording
from grader.stage import staging as folders
from grader.stage.box import Box, Extra
from grader.stage.build import build
from grader.stage.place import Staging, search_path
from grader.stage.recorder import addresses, traced
from grader.stage.recorder.python import FIRST_FREE, below, own_folder
from grader.stage.recorder.tape import Tape
from grader.stage.rungs import Rung

TOOL = "strace"
COMPILERS = ("cc", "gcc", "g++", "c++", "clang", "clang++")
WRAPPER = '#!/bin/sh\nexec {compiler} "$@" -g -O0\n'


class StraceRecorder:
    """Records a compiled program. It has a folder of its own, with the program built for it."""

    slow = True

    def __init__(self, rung: Rung, folder: Path, command: str | None) -> None:
        self.extra = Extra(traced=True)
        staged, _ = folders.stage(folder)
        self._own = own_folder()
        self.staging = replace(staged, recorder=self._own)
        self._rung = rung
        self._view = rung.view(self.staging)
        self._tape: Tape | None = None
        self._lines: dict[tuple[str, int], tuple[CodeLine, ...]] = {}
        try:
            self.built = command is None or self._build(command)
        except BaseException:
            self.close()
            raise

    def command(self, argv: list[str]) -> list[str]:
        """How the server is started: below strace, which stands beside it, so that it keeps its place as a child."""
        calls = ",".join((*traced.TRACED, *traced.CLOSING, *traced.FORKING))
        return [
            TOOL, "-D", "-f", "-k", "-xx", "-s", str(traced.KEPT), "-ttt", "-A", "-o", f"/proc/self/fd/{FIRST_FREE}",
            "-e", f"trace={calls}", "-e", "signal=none", "--seccomp-bpf", "--", *argv,
        ]  # fmt: skip

    def begin(self) -> None:
        """Put in a new tape."""
        if self._tape is not None:
            self._tape.close()
        self._tape = Tape(sealed=False)
        self.extra.descriptors = (self._tape.descriptor,)

    def recording(self) -> Recording:
        """What the tape tells, once the server has ended; the stacks with lines of source where the program has them."""
        if self._tape is None:
            return Recording((), {})
        data, whole = self._tape.read()
        found = traced.read(data)
        self._find({(f.program, f.offset) for t in found for f in t.frames})
        calls = [
            replace(t.call, stack=tuple(x for f in t.frames for x in self._lines.get((f.program, f.offset), ())))
            for t in found
        ]
        return Recording(tuple(calls), {c.made: "" for c in calls if c.made}, whole=whole)

    def close(self) -> None:
        """Take the tape out, and remove the folder."""
        self.extra.descriptors = ()
        if self._tape is not None:
            self._tape.close()
            self._tape = None
        folders.remove(self.staging)
        shutil.rmtree(self._own, ignore_errors=True)

    def _build(self, command: str) -> bool:
        compilers = Path(self._own, "bin")
        compilers.mkdir(mode=0o755)
        for name in COMPILERS:
            if found := shutil.which(name, path=search_path()):
                (compilers / name).write_text(WRAPPER.format(compiler=found), encoding="utf-8")
                (compilers / name).chmod(0o755)
        path = f"PATH={self._view.recorder}/bin:$PATH; export PATH; "
        return build(path + command, self._rung, self.staging).status == 0

    def _find(self, places: Iterable[tuple[str, int]]) -> None:
        """Look up the lines of places in the submission's own programs that are not known yet."""
        within, source = below(self._view.work), below(self._rung.view(Staging(self.staging.root, writable=True)).work)
        wanted: dict[str, dict[int, int]] = {}
        for program, offset in places:
            own = within(program)
            path = Path(self.staging.submission, own)
            if own and (program, offset) not in self._lines and addresses.is_program(path):
                wanted.setdefault(program, {})[addresses.virtual(path, offset)] = offset
        if not wanted:
            return
        with Box(self._rung, self.staging) as box:
            for program, by_address in wanted.items():
                for address, found in addresses.lines(box, program, by_address).items():
                    inside = [replace(x, file=file) for x in found if (file := source(os.path.normpath(x.file)))]
                    if address in by_address:
                        self._lines[program, by_address[address]] = tuple(inside)


def missing_tool() -> str | None:
    """The program that recording a compiled server lacks on this machine."""
    return next((t for t in (TOOL, addresses.TOOL) if shutil.which(t, path=search_path()) is None), None)

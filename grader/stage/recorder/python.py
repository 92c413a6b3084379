"""Recording a Python server: the modules in `inside` are put on its path, and a memory file into its hands."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from importlib import resources
from pathlib import Path

from grader.model import Recording
from grader.stage.box import Extra
from grader.stage.place import Staging
from grader.stage.recorder import lines
from grader.stage.recorder.tape import Tape
from grader.stage.rungs import Rung
from grader.stage.staging import open_temporary, remove_after_us

MODULES = ("sitecustomize.py", "grade_notes.py", "grade_sockets.py", "grade_streams.py")
FIRST_FREE = 3


class PythonRecorder:
    """Records whatever Python the server is made of. `extra` is for the box; a new tape is put in before each run."""

    slow = False

    def __init__(self, rung: Rung, staging: Staging) -> None:
        self._own = own_folder()
        self.staging = replace(staging, recorder=self._own)
        view = rung.view(self.staging)
        self.extra = Extra()
        self._below = below(view.work)
        self._tape: Tape | None = None
        self._environment = {"PYTHONPATH": view.recorder, "GRADE_RECORD": str(FIRST_FREE), "GRADE_WORK": view.work}
        for module in MODULES:
            source = resources.files("grader.stage.recorder").joinpath("inside", module).read_text(encoding="utf-8")
            Path(self._own, module).write_text(source, encoding="utf-8")
            Path(self._own, module).chmod(0o644)

    def command(self, argv: list[str]) -> list[str]:
        """How the server is started: as ever."""
        return argv

    def begin(self) -> None:
        """Put in a new tape: what is started from now on is recorded there."""
        self._take_out()
        self._tape = Tape(sealed=True)
        self.extra.environment = self._environment
        self.extra.descriptors = (self._tape.descriptor,)

    def recording(self) -> Recording:
        """What the tape tells, once the server has ended. Raises `Damaged`."""
        if self._tape is None:
            return Recording((), {})
        data, whole = self._tape.read()
        return lines.read(data, whole=whole, below=self._below)

    def close(self) -> None:
        """Take the tape out, and remove what was put beside the server."""
        self._take_out()
        shutil.rmtree(self._own, ignore_errors=True)

    def _take_out(self) -> None:
        self.extra.descriptors = ()
        if self._tape is not None:
            self._tape.close()
            self._tape = None


def own_folder() -> str:
    """A folder that submissions can read and none can write; a staged folder belongs to whom they run as."""
    folder = tempfile.mkdtemp(prefix="grade-recorder-", dir=open_temporary())
    remove_after_us(folder)
    os.chmod(folder, 0o755)  # noqa: S103 - whoever the server runs as reads it
    return folder


def below(work: str) -> Callable[[str], str]:
    """From a path inside the box to one within the submission; empty for what lies elsewhere."""
    top = work.rstrip("/") + "/"

    def within(path: str) -> str:
        inside = path.removeprefix(top)
        plain = os.path.normpath(inside) if inside else ""
        return "" if plain.startswith(("/", "..", "<")) or plain == "." or "\0" in plain else plain

    return within

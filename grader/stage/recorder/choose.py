"""Which recorder fits a server, by how it is started. Where none does, the reason is a word that a page can show."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

from grader.model import RecorderState, Recording
from grader.stage.box import Extra
from grader.stage.place import Staging
from grader.stage.recorder.addresses import is_program
from grader.stage.recorder.python import PythonRecorder
from grader.stage.recorder.strace import StraceRecorder, missing_tool
from grader.stage.rungs import Rung

LOOKED_AT = 4096


class Recorder(Protocol):
    """Records the socket calls of servers: `begin`, start one in a box that has `extra`, end it, ask for the `recording`."""

    extra: Extra
    staging: Staging
    """The folder that the server is to be started from."""
    slow: bool
    """Whether a call takes so much longer that only short checks can be recorded."""

    def command(self, argv: list[str]) -> list[str]:
        """How the server is started to be recorded."""

    def begin(self) -> None:
        """Forget what was recorded before; what is started from now on is recorded."""

    def recording(self) -> Recording:
        """What was recorded. Raises `Damaged` where it is not our recorder's."""

    def close(self) -> None:
        """Give back what was taken."""


class CannotRecord(Exception):
    """There is no way to record this server, for the reason in `state`."""

    def __init__(self, state: RecorderState) -> None:
        super().__init__(state)
        self.state = state


def recorder_for(rung: Rung, staged: Staging, argv: list[str], folder: Path, build: str | None) -> Recorder:
    """The recorder for a server started by `argv`; `folder` is the submission as it was handed in. Raises CannotRecord."""
    if _is_python(staged, argv):
        return PythonRecorder(rung, staged)
    if os.path.isabs(argv[0]) or not is_program(Path(staged.submission, argv[0])):
        raise CannotRecord(RecorderState.NO_WAY)
    if missing_tool():
        raise CannotRecord(RecorderState.NO_TOOL)
    recorder = StraceRecorder(rung, folder, build)
    if not recorder.built:
        recorder.close()
        raise CannotRecord(RecorderState.NO_LINES)
    return recorder


def _is_python(staged: Staging, argv: list[str]) -> bool:
    """Whether a command runs Python: by its name, or by a script of the submission's that does."""
    if any(os.path.basename(word).startswith("python") or word.endswith(".py") for word in argv):
        return True
    script = Path(staged.submission, argv[0])
    if os.path.isabs(argv[0]) or script.is_symlink() or not script.is_file():
        return False
    with script.open("rb") as file:
        text = file.read(LOOKED_AT)
    return text.startswith(b"#!") and b"python" in text

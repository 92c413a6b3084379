"""Who performs a check: the conductor, or, where the play comes from a function (`python_check`), one that is told it line by line."""

from __future__ import annotations

from typing import Any

from grader.conduct.conductor import Conductor
from grader.conduct.python_check import play_in_python
from grader.conduct.server_acts import PLAIN
from grader.judge.found import FOUND
from grader.judge.order import expects
from grader.model import SERVER, Check, Command, Evidence, Kind, Line, Spec, Transcript
from grader.stage.box import Box


class FunctionConductor(Conductor):
    """Performs one check in Python. The implicit joins are ordinary lines, and come first."""

    def _play(self) -> bool:
        return super()._play() and self._play_on()

    def _play_on(self) -> bool:
        return play_in_python(self, self._check, self._spec, self._seed)

    def go_on(self, lines: list[Line]) -> bool:
        """Lines that a function adds: expectations that are met together, or one act."""
        self._added += lines
        with self._follow_lock:
            self._follow.extend(lines)
        return self._met(lines) if expects(lines[0]) else self._do(lines[0])

    def message_of(self, step: int, who: str) -> str:
        """The message that met a line."""
        at = next((i for i, s in self._follow.step_of.items() if s == step and self._record.events[i].who == who), None)
        return "" if at is None else self._follow.text_at(self._record.events[at].data, who)

    def at_rest(self) -> bool:
        """Wait until nothing more can come; whether that was proven."""
        waited = self._waiter.quiet()
        self._pull()
        self._record.note(
            SERVER, Kind.WAITED, note=str(waited.evidence), step=self._added[-1].step if self._added else 0
        )
        return waited.evidence is not Evidence.DEADLINE

    def found(self, text: str) -> None:
        """A finding of the function's own."""
        self._record.note(SERVER, Kind.NOTED, text.encode("utf-8", "replace"), note=FOUND)


def conductor_for(check: Check, *args: Any, **more: Any) -> Conductor:
    """Whoever performs this check."""
    from grader.conduct.scripted import ScriptConductor

    kind = FunctionConductor if check.python else ScriptConductor if check.script else Conductor
    return kind(check, *args, **more)


def conduct(
    check: Check, spec: Spec, box: Box, argv: list[str], port: int,
    *, seed: int, subject: str, command: Command = PLAIN,
) -> Transcript:  # fmt: skip
    """Perform one check in a box, with a fresh server. The box is empty again afterwards.

    `argv` still has ``<port>`` where the port goes, `command` says what else the server is given. Raises HarnessError if
    the machine fails; whatever the server does is in the transcript.
    """
    return conductor_for(check, spec, box, argv, port, seed=seed, subject=subject, command=command).perform()

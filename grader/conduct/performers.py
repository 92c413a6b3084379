"""Who performs a check: the conductor, or, where the play comes from a function (`python_check`), one that is told it line by line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from grader.conduct.conductor import Conductor
from grader.conduct.line_by_line import LineByLine
from grader.conduct.python_check import play_in_python
from grader.conduct.scripted import ScriptConductor
from grader.conduct.server_acts import PLAIN
from grader.model import Check, Command, Spec, Transcript
from grader.stage.box import Box


class FunctionConductor(LineByLine):
    """Performs one check in Python."""

    def _play_on(self) -> bool:
        return play_in_python(self, self._check, self._spec, self._seed)


def conductor_for(
    check: Check, spec: Spec, *args: Any, command: Command = PLAIN, program: Command | None = None, **more: Any
) -> Conductor:
    """Whoever performs this check, with what it says otherwise than the spec."""
    kind = FunctionConductor if check.python else ScriptConductor if check.script else Conductor
    if check.horizon is not None:
        spec = replace(spec, horizon=check.horizon)
    if check.limits:
        own = check.limits
        command, program = _within(command, own), None if program is None else _within(program, own)
        roles = (r if r.program is None else replace(r, program=_within(r.program, own)) for r in spec.roles)
        spec = replace(spec, roles=tuple(roles))
    return kind(check, spec, *args, command=command, program=program, **more)


def _within(command: Command, limits: Mapping[str, int]) -> Command:
    return replace(command, limits={**command.limits, **limits})


def conduct(
    check: Check, spec: Spec, box: Box, argv: list[str], port: int,
    *, seed: int, subject: str, command: Command = PLAIN,
) -> Transcript:  # fmt: skip
    """Perform one check in a box, with a fresh server. The box is empty again afterwards.

    `argv` still has ``<port>`` where the port goes, `command` says what else the server is given. Raises HarnessError if
    the machine fails; whatever the server does is in the transcript.
    """
    return conductor_for(check, spec, box, argv, port, seed=seed, subject=subject, command=command).perform()

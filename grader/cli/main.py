"""The command line: arguments in, exit code out. The only room that prints, and the only one that exits.

Everything slow is imported where it is needed, so that `--help` answers at once. Exit codes: `codes.py`.
"""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
from typing import TYPE_CHECKING

from grader.cli.codes import GRADED, INTERRUPTED, USAGE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType


def main() -> None:
    """The `grade` command."""
    sys.exit(run(sys.argv[1:]))


def run(argv: Sequence[str]) -> int:
    """Run a command line; returns the exit code. KeyboardInterrupt and SIGTERM end it orderly."""
    import gc

    import click

    gc.set_threshold(
        100_000, 20, 100
    )  # tens of thousands of events live to the end: looking for garbage among them finds none
    from grader.cli.commands import OTHERS, grade
    from grader.cli.importing import import_command
    from grader.cli.report_command import report
    from grader.cli.spec_command import spec

    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGINT, _interrupt)  # a shell that starts us in the background ignores it for us
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that has no ✓ gets \u2713, not a traceback
    others = {**OTHERS, "import": import_command, "report": report, "spec": spec}
    other = argv[0] if argv and argv[0] in others else None
    command, name, rest = (others[other], f"grade {other}", argv[1:]) if other else (grade, "grade", argv)
    try:
        code = command.main(list(rest), prog_name=name, standalone_mode=False)
    except click.ClickException as problem:
        from grader.cli.mistyped import said

        print(said(problem, argv, name), file=sys.stderr)
        return USAGE
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return GRADED
    return int(code or 0)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()

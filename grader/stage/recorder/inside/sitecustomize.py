"""The flight recorder's beginning: Python runs a module of this name before anything else of a program.

It does nothing unless the grader asked for it, by the number of a descriptor in the environment; then it replaces
`socket.socket` and leaves no other trace that a program would meet: not in the environment, not on the module path.
"""

# mypy: disable-error-code="import-not-found"

import os
import sys


def install() -> None:
    """Begin to record, if it was asked for."""
    descriptor = os.environ.pop("GRADE_RECORD", None)
    work = os.environ.pop("GRADE_WORK", "")
    if descriptor is None:
        return
    os.environ.pop("PYTHONPATH", None)
    try:
        import grade_notes
        import grade_sockets
        import grade_streams

        grade_notes.open_record(int(descriptor), work)
        grade_sockets.replace()
        grade_streams.wait_for_asyncio()
    except (OSError, ValueError):
        pass  # the program runs as it would without us; the grader sees an empty record
    finally:
        here = os.path.dirname(__file__)
        sys.path[:] = [p for p in sys.path if p != here]


install()

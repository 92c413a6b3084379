"""What the grader fell over and nobody foresaw: a grader problem, never the student's.

An error of ours that has no sentence of its own is told with the place in the grader's own code where it came up, the last
one that is ours: whoever reports it has all that is needed to find it.
"""

from __future__ import annotations

import traceback
from pathlib import Path

from grader.model import Finding

OURS = Path(__file__).resolve().parent.parent
LONGEST = 200
"""Characters of an error's own words that are shown."""


def stumbled(problem: BaseException) -> Finding:
    """The finding for an error that nobody foresaw, with the line of the grader that met it."""
    places = [
        f"{path.relative_to(OURS.parent)}:{frame.lineno}"
        for frame in traceback.extract_tb(problem.__traceback__)
        if (path := Path(frame.filename)).is_relative_to(OURS)
    ]
    where = f" ({places[-1]})" if places else ""
    return Finding("grader-error", {"what": f"{type(problem).__name__}: {problem}"[:LONGEST] + where})

"""Exit codes: what a script learns of a run without reading a word.

GRADED: whatever the score. GRADER_PROBLEM: in some check. USAGE: wrong arguments or spec. TOO_FEW: fewer points than
`--fail-under`. INTERRUPTED: by the keyboard or SIGTERM; what had been judged by then is kept.
"""

from __future__ import annotations

GRADED, GRADER_PROBLEM, USAGE, TOO_FEW, INTERRUPTED = 0, 1, 2, 3, 130

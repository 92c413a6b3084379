"""`comments.yaml`: what a teacher wants to say, once, to everybody whose server fails in the same way.

    one-at-a-time: |
      On Tuesday we drew this on the board: while one worker unloads a ship, nobody opens the gate.
    echo@no-echo + never-closes: Come and see me, this is easier to explain with a pencil.

The keys stand on the class page. A comment is for everybody who has all the reasons that its key names, whatever else went
wrong there; a reason's plain code, such as `echo`, means it wherever it shows. It stands on their pages, above the checks.
A key that fits nobody is named on the class page, because most often it is a slip of the pen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import yaml

from grader.errors import UsageError
from grader.model import Grade, Member
from grader.report.cohort.reasons import whys

FILE = "comments.yaml"
LARGEST = 1 << 20
BETWEEN = " + "
Comments = Mapping[str, str]


def read(text: str, path: str = FILE) -> Comments:
    """The comments in a file. Raises UsageError where it is none, naming the line if there is one to name."""
    try:
        plain = yaml.safe_load(text[:LARGEST])
    except (yaml.YAMLError, RecursionError) as problem:
        mark = getattr(problem, "problem_mark", None)
        what = getattr(problem, "problem", None) or type(problem).__name__
        raise UsageError("bad-comments", path=path, why=what, line=mark.line + 1 if mark else None) from problem
    if plain is None:
        return {}
    if not isinstance(plain, dict):
        raise UsageError("bad-comments", path=path)
    for key, said in plain.items():
        if not isinstance(key, str) or not isinstance(said, str):
            raise UsageError("bad-comment", path=path, key=str(key))
    return plain


def fits(key: str, grade: Grade) -> bool:
    """Whether the student who got this grade is meant by a key."""
    there = {name for why in whys(grade) for name in (why.key, why.code)}
    named = {part.strip() for part in key.split(BETWEEN.strip())}
    return named <= there


def meant(comments: Comments, grade: Grade) -> list[str]:
    """What is to be said to the student who got this grade."""
    return [said.strip() for key, said in comments.items() if said.strip() and fits(key, grade)]


def idle(comments: Comments, members: Sequence[Member]) -> list[str]:
    """The keys that are nobody's here."""
    return [key for key in comments if not any(fits(key, m.grade) for m in members)]

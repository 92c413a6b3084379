"""`comments.yaml`: what a teacher wants to say, once, to everybody whose server fails in the same way.

    one-at-a-time: |
      On Tuesday we drew this on the board: while one worker unloads a ship, nobody opens the gate.
    echo@no-echo + never-closes: {en: Come and see me., es: Pasa a verme.}

The keys stand on the class page. A comment is for everybody who has all the reasons that its key names, whatever else went
wrong there; it stands on their pages, above the checks. A key that fits nobody is named on the class page, because most
often it is a slip of the pen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import yaml

from grader.errors import UsageError
from grader.model import Grade
from grader.report.cohort.entry import Entry, whys
from grader.words import LANGUAGES, Sentences

FILE = "comments.yaml"
LARGEST = 1 << 20
BETWEEN = " + "


@dataclass(frozen=True, slots=True)
class Comment:
    """A text in one or more languages, and the reasons that somebody must have to be meant."""

    key: str
    reasons: frozenset[str]
    text: Mapping[str, str]

    def for_(self, grade: Grade) -> bool:
        """Whether it is for the student who got this grade."""
        return self.reasons <= {w.key for w in whys(grade)}


def read(text: str, path: str = FILE) -> tuple[Comment, ...]:
    """The comments in a file. Raises UsageError where it is none, naming the line if there is one to name."""
    try:
        if len(text) > LARGEST:
            raise UsageError("bad-comments", path=path, most=LARGEST)
        plain = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as problem:
        mark = getattr(problem, "problem_mark", None)
        what = getattr(problem, "problem", None) or str(problem).splitlines()[0]
        raise UsageError("bad-comments", path=path, why=what, line=mark.line + 1 if mark else None) from problem
    if plain is None:
        return ()
    if not isinstance(plain, dict):
        raise UsageError("bad-comments", path=path)
    return tuple(_comment(key, value, path) for key, value in plain.items())


def _comment(key: object, value: object, path: str) -> Comment:
    spoken = {"": value} if isinstance(value, str) else value
    if not isinstance(key, str) or not isinstance(spoken, dict) or not spoken:
        raise UsageError("bad-comment", path=path, key=str(key))
    if not all(lang in ("", *LANGUAGES) and isinstance(text, str) for lang, text in spoken.items()):
        raise UsageError("bad-comment", path=path, key=key)
    return Comment(key, frozenset(part.strip() for part in key.split(BETWEEN.strip())), spoken)


def meant(comments: Sequence[Comment], grade: Grade, say: Sentences) -> list[str]:
    """What is to be said to the student who got this grade."""
    return [text for c in comments if c.for_(grade) and (text := said(c, say))]


def said(comment: Comment, say: Sentences) -> str:
    """The text of a comment in a language, else in the one that it has."""
    return (comment.text.get("") or say.text(comment.text)).strip()


def idle(comments: Sequence[Comment], entries: Sequence[Entry]) -> list[Comment]:
    """The comments that are for nobody here."""
    return [c for c in comments if not any(c.for_(e.grade) for e in entries)]

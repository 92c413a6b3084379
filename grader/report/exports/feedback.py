"""A few sentences for the feedback box of a gradebook: HTML of one line, with nothing in it that such a box could mistake.

Moodle shows feedback as HTML, and reads its files with a reader to which a backslash before a quotation mark is special.
So everything is escaped, the backslash too, and the only elements are paragraphs and line breaks. The last paragraph says
where the text comes from: by it a feedback of ours is known again, and replaced, while a teacher's own words are kept.
"""

from __future__ import annotations

import re

from markupsafe import escape

from grader.model import Grade, Outcome
from grader.report.student import student_view
from grader.report.summary import TO_FIX
from grader.report.told import Teller
from grader.words import printable

MOST = 12
"""Checks that are named; a box is no page."""
_OURS = re.compile(r"<p>grade · [^<]*</p>\s*$")


def feedback(grade: Grade, lang: str) -> str:
    """What the student reads beside the number: always the student's view, whoever makes the file."""
    teller = Teller(student_view(grade), lang)
    say = teller.say
    paragraphs = [[f"{teller.course}: {teller.total}"], teller.notices(), teller.sentences()]
    if first := teller.first():
        paragraphs.append([f"{say.say('page.first')}:", *first])
    open_ones = [t for t in teller.checks() if t.verdict.outcome in (*TO_FIX, Outcome.GRADER_PROBLEM)]
    lines = [f"{t.sign} {t.title} ({t.points}): {t.short}" for t in open_ones[:MOST]]
    if len(open_ones) > MOST:
        lines.append(say.say("grammar.more", count=len(open_ones) - MOST))
    paragraphs += [lines, [f"grade · {grade.run.started[:10]} · {grade.run.id}"]]
    return "".join(f"<p>{'<br>'.join(map(_text, lines))}</p>" for lines in paragraphs if lines)


def ours(text: str) -> bool:
    """Whether a feedback may be replaced: it is empty, or one that was written here before."""
    return not text.strip() or bool(_OURS.search(text))


def _text(line: str) -> str:
    return str(escape(printable(line))).replace("\\", "&#92;")

"""What the YAML parser complains about, in words for who has never read the YAML specification.

Each row of `ROWS` says: what the parser says (both of its implementations), what stands on the line before the place
that it points at, and then which place we point at, what we say, and what to do. The first row that fits is taken.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import yaml

from grader.model import Place
from grader.spec.complaints import Complaints

_QUOTE = "Put the text in quotes."
_ANY = ""
_CLOSES = r"[\]}]\Z"
"""What stands at the place itself is looked at, too (see `in_plain_words`)."""
_ONLY_A_WORD = r"^\s*(- +)?[\w-]+$"
_QUOTED = r"(^|: +|- +)[\"'][^\"']*[\"'].*$"
_CLOSING = r"[\"']$"
_IN_A_PLAY = r"^\s*[\w, ]+(>>?|<[<?]?) "
_BRACKETED = r"(^|: +|- +)[\[{].*[\]}].*$"


class _Row(NamedTuple):
    said: str
    before: str
    message: str
    hint: str
    at_beginning: bool = False
    """Point at the beginning of what the parser was reading, not at where it gave up."""


ROWS = (
    _Row(
        "mapping values",
        _ONLY_A_WORD,
        "This line stands deeper than the one above, which has a value.",
        "Check its spaces.",
    ),
    _Row("mapping values", _IN_A_PLAY, "YAML takes this line of a play for a key.", "Write `play: |` above the lines."),
    _Row("mapping values", _ANY, "YAML takes the ': ' in this text for a key.", "Put the text in quotes, or below >-."),
    _Row("scanning an alias", _ANY, "YAML takes a * at the beginning for an alias.", _QUOTE),
    _Row("scanning an anchor", _ANY, "YAML takes a & at the beginning for an anchor.", _QUOTE),
    _Row("(scanning|parsing) a tag|tag handle", _ANY, "YAML takes a ! at the beginning for a tag.", _QUOTE),
    _Row("directive", _ANY, "YAML takes a % at the beginning for a directive.", _QUOTE),
    _Row(r"tab character|character '\\t'", _ANY, "A tab stands where only spaces may.", "Indent with spaces."),
    _Row("cannot start any token", _ANY, "YAML can't begin a text with this character.", _QUOTE),
    _Row(
        "unknown escape|escape character|hexdecimal",
        _ANY,
        "This backslash means nothing in double quotes.",
        r"Write \\.",
    ),
    _Row("quoted scalar|double-quoted", _ANY, "This quotation mark is never closed.", "Add the second one.", True),
    _Row("block scalar", _ANY, "After | or > the text begins on the next line.", "Begin a new line there."),
    _Row(
        "entries are not allowed",
        _ANY,
        "A list can't begin on the line of its key.",
        "Begin a new line before the dash.",
    ),
    _Row("simple key", _ANY, "This line is no `key: value`.", "Write `key: value`, with a space.", at_beginning=True),
    _Row(
        "flow (sequence|mapping)",
        _ANY,
        "This bracket is never closed, or a comma is missing.",
        "Check [ ], { } and commas.",
        True,
    ),
    _Row("node content", _CLOSES, "This bracket closes nothing.", _QUOTE),
    _Row("node content", _ANY, "A bracket that was opened before this is never closed.", "Check [ ], { } and commas."),
    _Row("expected", _QUOTED, "Something follows a text in quotes.", "Put the whole text in quotes."),
    _Row(
        "expected", _CLOSING, "This closes a quotation that was opened further up.", "Look for the one that is missing."
    ),
    _Row("expected", _BRACKETED, "Something follows a list or a map in brackets.", _QUOTE),
    _Row("block |document start", _ANY, "This line does not line up with the ones above.", "Check its spaces."),
)

_FORBIDDEN = "[^\t\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"


def in_plain_words(error: yaml.YAMLError, complaints: Complaints) -> tuple[Place, str, str]:
    """Where the error is, what is wrong, and what to do."""
    if not isinstance(error, yaml.MarkedYAMLError):
        return _bad_character(complaints), "This character is not allowed in YAML.", r"In a play write \xNN, after >>."
    mark = error.problem_mark or error.context_mark
    said = f"{error.context or ''}, {error.problem or ''}"
    if mark is None:
        return complaints.place(1, 1), f"YAML can't read this{said}.", ""
    line = complaints.lines[mark.line] if mark.line < len(complaints.lines) else ""
    if line[mark.column : mark.column + 1] == "\t":
        said += ", tab character"
    before, here = line[: mark.column], line[: mark.column + 1]
    for row in ROWS:
        if re.search(row.said, said) and re.search(row.before, here if row.before == _CLOSES else before):
            at = error.context_mark if row.at_beginning and error.context_mark else mark
            return complaints.place(at.line + 1, at.column + 1), row.message, row.hint
    place = complaints.place(mark.line + 1, mark.column + 1)
    return place, f"YAML can't read this: {said.strip(', ')}.", "Check quotes and indentation."


def _bad_character(complaints: Complaints) -> Place:
    # The reader counts characters or bytes, not lines.
    for number, line in enumerate(complaints.lines, 1):
        if found := re.search(_FORBIDDEN, line):
            return complaints.place(number, found.start() + 1)
    return complaints.place(1, 1)

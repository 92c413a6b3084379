"""CSV, written so that it harms nobody who opens it, and read as gradebooks write it.

A spreadsheet takes a cell that begins with = + - or @ (a tab, a line's end, a wide sign of East Asia) for a formula and
runs it, and a student chooses what his folder is called. Such a cell gets an apostrophe in front. A sign that stands
alone is left as it is: gradebooks write - for “no date”. Numbers are numbers and never get here as text.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠].", re.DOTALL)
Cell = str | int | float | None


def harmless(text: str) -> str:
    """The text of a cell, which no spreadsheet takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def number(value: float) -> float | int:
    """A number as every gradebook reads it: two decimals at most, a point between, no zeros that say nothing."""
    value = round(value, 2)
    return int(value) if value == int(value) else value


def written(rows: Iterable[Sequence[Cell]]) -> str:
    """The text of a CSV file: commas, quotes where they are needed, lines that end as RFC 4180 has it."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    for row in rows:
        writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in row])
    return file.getvalue().encode("utf-8", "backslashreplace").decode()


def read(text: str) -> list[list[str]]:
    """The rows of a CSV file, whatever stands between its cells. Empty lines are left out."""
    text = text.removeprefix("\ufeff")
    head = text.split("\n", 1)[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count))
    return [row for row in rows if any(cell.strip() for cell in row)]

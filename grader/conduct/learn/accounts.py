r"""Tables of users that lie in a submission: names with their passwords, in a file beside the source, or in it.

    users.txt    ana:1234            users.json    {"ana": "1234", "beto": "abcd"}
                 beto:abcd           server.py     USERS = {"ana": "1234", "beto": "abcd"}

No word of any language is known here. What looks like a table is one if the server lets its people in.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from grader.conduct.learn.source import Source, files

ENDINGS = (".txt", ".csv", ".json", ".dat", ".ini", ".conf", ".cfg", ".db", ".passwd", ".properties")
MOST_TABLES, MOST_BYTES, MOST_PEOPLE = 6, 50_000, 12
_WORD = r"[^\s:;,|=\"'<>{}\[\]()#]{1,32}"
_MARKS = (":", ";", ",", "|", "=", "\t", " ")
_ROWS = {
    mark: re.compile(
        rf"\s*({_WORD})\s*{re.escape(mark)}\s*({_WORD})\s*{'' if mark == ' ' else f'(?:{re.escape(mark)}.*)?'}"
    )
    for mark in _MARKS
}
_PAIR = re.compile(r"[\"']([^\"'\s]{1,32})[\"']\s*:\s*[\"']([^\"'\s]{1,32})[\"']")
Table = Mapping[str, str]


def tables(folder: str, source: Source) -> list[Table]:
    """What may be a table of users, with two people at least: from files first, then from the source."""
    found: list[Table] = []
    for table in (*_in_files(folder), *_in_source(source)):
        people = dict(list(table.items())[:MOST_PEOPLE])
        if len(people) >= 2 and people not in found:
            found.append(people)
    return found[:MOST_TABLES]


def _in_files(folder: str) -> Iterator[Table]:
    for path in sorted(files(folder, ENDINGS)):
        try:
            text = Path(path).read_bytes()[:MOST_BYTES].decode("utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        if os.path.splitext(path)[1] == ".json":
            try:
                yield from _in_json(json.loads(text))
            except (ValueError, RecursionError):
                continue
        else:
            lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
            for row in _ROWS.values():
                pairs = [(found[1], found[2]) for line in lines if (found := row.fullmatch(line))]
                if len(pairs) + 1 >= len(lines):  # the first line may name the columns
                    yield dict(pairs)
                    break


def _in_json(value: object, depth: int = 0) -> Iterator[Table]:
    if depth > 3:
        return
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    if isinstance(value, dict):
        flat = {name: _password(one) for name, one in value.items()}
        yield {name: password for name, password in flat.items() if password}
    rows = [[str(x) for x in one.values() if isinstance(x, str | int)] for one in inner if isinstance(one, dict)]
    if isinstance(value, list):
        yield {row[0]: row[1] for row in rows if len(row) > 1}
    for one in inner:
        if not (isinstance(value, list) and isinstance(one, dict)):
            yield from _in_json(one, depth + 1)


def _password(value: object) -> str:
    """What a name stands for: a text, or the first text of an object."""
    if isinstance(value, dict):
        value = next((x for x in value.values() if isinstance(x, str)), "")
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _in_source(source: Source) -> Iterator[Table]:
    """Pairs that follow one another, as in a map that is written out."""
    for literal in re.findall(r"\{[^{}]{8,2000}\}", source.text):
        yield dict(_PAIR.findall(literal))

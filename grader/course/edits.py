"""What lies between two states of a submission's folder: which functions were edited, and which edits come to nothing.

An edit is known by the function around it, since it is functions that a failing line lies in: Python says where each begins
and ends; in a language with braces it is the block around the line, by its indentation. Words are the texts that stand in the
edited lines: what a server says stands in its source.

Two kinds of edit come to nothing: those of comments and blank lines, and those of a file that no program names. Both are
decided carefully, since all that hangs on it is what is run first: whatever is edited, everything is run.
"""

from __future__ import annotations

import ast
import difflib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.course.second_look import LARGEST, SOURCES
from grader.course.written import STRING
from grader.stage.staging import NOT_COPIED, is_ours

MOST_FILES = 2000
PLANS = (".yaml", ".yml", ".toml", ".json", ".sh", ".mk", "Makefile", ".gradle", ".xml", ".mod", ".txt.in")
"""Files that may name other files, or say how the program is built."""
LISTS = re.compile(r"listdir|scandir|iterdir|\bglob|\bwalk\b|readdir|listFiles|opendir|ReadDir|read_dir")
COMMENT = re.compile(r"\s*(?://|/\*|\*|$)")
HOLE = re.compile(r"\{[^{}]*\}|%[-+ 0-9.]*[a-zA-Z]|\\[nrt0]|\$\{?\w+\}?")
CLASS = re.compile(r"\b(?:class|interface|enum|namespace|impl|object)\b")
LETTERS = 3
"""Fewer characters in a row would be found everywhere."""

Files = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Place:
    """A function that was edited, with the lines that it took before; without a name it is what stands outside of any."""

    file: str
    first: int
    last: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """All that was edited between two states. `idle` are files whose edits come to nothing."""

    files: tuple[str, ...]
    places: tuple[Place, ...] = ()
    words: frozenset[str] = frozenset()
    idle: tuple[str, ...] = ()


def files_of(folder: Path) -> Files:
    """The files in a folder as they are now; of one that is too large to be a source, its size and time stand for it."""
    found: dict[str, bytes] = {}
    for top, names, files in os.walk(folder):
        names[:] = sorted(name for name in names if name not in NOT_COPIED and not is_ours(Path(top, name)))
        for name in sorted(files)[: MOST_FILES - len(found)]:
            path = Path(top, name)
            try:
                about = path.lstat()
                data = path.read_bytes() if path.is_file() and about.st_size <= LARGEST else repr(about).encode()
            except OSError:
                continue
            found[str(path.relative_to(folder))] = data
    return found


def edit(old: Files, new: Files) -> Edit:
    """What was edited from the old state to the new one."""
    changed = tuple(sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name)))
    idle = tuple(name for name in changed if _comes_to_nothing(name, old, new))
    places: list[Place] = []
    words: set[str] = set()
    for name in changed:
        if name not in idle and Path(name).suffix in SOURCES:
            before, after = (_lines(files.get(name, b"")) for files in (old, new))
            found = list(_hunks(before, after))
            places += _places(name, before, [span for span, _ in found])
            words |= {word for _, texts in found for text in texts for word in _words(text)}
    return Edit(changed, tuple(dict.fromkeys(places)), frozenset(words), idle)


def _lines(data: bytes) -> list[str]:
    return data.decode("utf-8", "replace").splitlines()


def _hunks(old: list[str], new: list[str]) -> Iterator[tuple[tuple[int, int], list[str]]]:
    """Each stretch of lines that is another: the first and last line that it took before, and all its text."""
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            yield (a + 1, max(a + 1, b)), [*old[a:b], *new[c:d]]


def _words(line: str) -> Iterator[str]:
    """The texts of a line of a program, what is filled in taken out."""
    for found in STRING.finditer(line):
        for piece in HOLE.split(found[0][1:-1]):
            if len(word := piece.strip()) >= LETTERS:
                yield word


def _places(file: str, lines: list[str], spans: list[tuple[int, int]]) -> Iterator[Place]:
    functions = list(_python(file, lines) if file.endswith(".py") else _braced(file, lines))
    for first, last in spans:
        inside = [f for f in functions if f.first <= last and first <= f.last]
        # The innermost: of two that hold the whole edit, the one that is shorter.
        whole = [f for f in inside if f.first <= first and last <= f.last]
        yield from [min(whole, key=lambda f: f.last - f.first)] if whole else (inside or [Place(file, first, last)])


def _parsed(lines: list[str]) -> ast.Module | None:
    try:
        return ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _python(file: str, lines: list[str]) -> Iterator[Place]:
    tree = _parsed(lines)
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield Place(file, node.lineno, node.end_lineno or node.lineno, node.name)


def _braced(file: str, lines: list[str]) -> Iterator[Place]:
    """The blocks that begin at the left, and those in a class one step further in."""
    begun: list[tuple[int, int, str]] = []  # indentation, first line, what stands in it
    for number, line in enumerate(lines, 1):
        bare = line.strip()
        if not bare:
            continue
        indent = len(line) - len(line.lstrip())
        while begun and begun[-1][0] >= indent and number > begun[-1][1]:
            depth, first, head = begun.pop()
            closes = bare.startswith("}") and depth == indent
            if all(CLASS.search(outer[2]) for outer in begun) and not CLASS.search(head):
                yield Place(file, first, number if closes else number - 1, _name(head))
        if bare.endswith("{"):
            begun.append((indent, number, bare))


def _name(head: str) -> str:
    found = re.search(r"([A-Za-z_$][\w$]*)\s*\(", head)
    return found[1] if found else ""


def _comes_to_nothing(name: str, old: Files, new: Files) -> bool:
    path = Path(name)
    if path.suffix in SOURCES:
        if name not in old or name not in new:
            return False
        before, after = _lines(old[name]), _lines(new[name])
        if path.suffix == ".py":
            trees = [_parsed(lines) for lines in (before, after)]
            return None not in trees and len({ast.dump(t) for t in trees if t}) == 1
        return all(COMMENT.match(line) for _, lines in _hunks(before, after) for line in lines)
    if path.name.endswith(PLANS):
        return False
    programs = [
        data.decode("utf-8", "replace")
        for files in (old, new)
        for other, data in files.items()
        if Path(other).suffix in SOURCES or other.endswith(PLANS)
    ]
    return bool(programs) and not any(path.stem in text or LISTS.search(text) for text in programs)

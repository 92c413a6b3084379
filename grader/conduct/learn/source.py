"""The words that a submission's source compares with what it receives: what a client may have to say.

Verbs, keys of JSON and quit commands are invented too, in any language, and a server does not tell them. Its source
does: they are literals that stand in a comparison, in a look-up, at the beginning of a line. Nothing is concluded from
the source; it only says what is worth trying, and in which order.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ENDINGS = (".py", ".c", ".cpp", ".cc", ".h", ".java", ".js", ".mjs", ".ts", ".go", ".rs", ".kt", ".cs", ".rb")
MOST_FILES, MOST_BYTES, MOST_WORDS, MOST_NESTED = 30, 200_000, 60, 8
_STRING = r"b?(?:\"((?:[^\"\\\n]|\\.){1,40})\"|'((?:[^'\\\n]|\\.){1,40})')"
_LITERAL = re.compile(_STRING)
_BEFORE = r"(?:===?|!==?|\bcase|\.equals(?:IgnoreCase)?\(|\bstr\w*cmp\([^,()]*,|\bstarts_?[wW]ith\()"
_COMPARED = re.compile(rf"{_BEFORE}\s*{_STRING}|{_STRING}\s*(?:===?|!==?|\.equals)")
_LISTED = re.compile(r"\bin\s*[\[({]([^\])}]{1,200})[\])}]")
_KEYED = re.compile(rf"(?:\.get\(|\[)\s*{_STRING}\s*[\]),]")
_UNDER = r"(?:\.get\(\s*|\[)[\"']([A-Za-z_]\w{0,19})[\"']"
_TWICE = re.compile(rf"{_UNDER}[^\n\])]{{0,12}}[\])]\s*{_UNDER}")
_HELD = re.compile(rf"\b(?P<name>\w+)\s*=\s*\w+{_UNDER.replace('([', '(?P<key>[')}[^\n\[]{{0,12}}$", re.MULTILINE)
_PROPERTY = re.compile(r"\b\w+\.([a-z_]\w{0,19})\b(?!\s*\()")


@dataclass(frozen=True, slots=True)
class Source:
    """What a source holds, each in the order in which it stands there, without doubles."""

    text: str = ""
    literals: tuple[str, ...] = ()
    compared: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    nested: tuple[tuple[str, str], ...] = ()
    """Keys of an object that stands under a key of another one."""


def read_source(folder: str) -> Source:
    """The source files of a staged submission."""
    texts = []
    for path in sorted(_files(folder))[:MOST_FILES]:
        try:
            texts.append(Path(path).read_bytes()[:MOST_BYTES].decode("utf-8", "replace"))
        except OSError:
            continue
    text = _without_comments("\n".join(texts))
    compared = [_string(m.groups()) for m in _COMPARED.finditer(text)]
    compared += [_string(m.groups()) for listed in _LISTED.finditer(text) for m in _LITERAL.finditer(listed[1])]
    keys = [_string(m.groups()) for m in _KEYED.finditer(text)] + [m[1] for m in _PROPERTY.finditer(text)]
    literals = [_string(m.groups()) for m in _LITERAL.finditer(text)]
    return Source(
        text, _once(literals, 400), _once(compared), _once(keys), tuple(dict.fromkeys(_nested(text)))[:MOST_NESTED]
    )


def _nested(text: str) -> Iterator[tuple[str, str]]:
    """`m["data"]["text"]`, `m.get("data", {}).get("text")`, or a name for what stands under a key, and a key of that."""
    yield from _TWICE.findall(text)
    for held in _HELD.finditer(text):
        yield from ((held["key"], inner) for inner in re.findall(rf"\b{held['name']}{_UNDER}", text))


def _files(folder: str) -> list[str]:
    return files(folder, ENDINGS)


def files(folder: str, endings: tuple[str, ...]) -> list[str]:
    """The files of a folder whose names end so, however deep."""
    return [
        os.path.join(inner, name)
        for inner, _, names in os.walk(folder)
        for name in names
        if name.endswith(endings) and not os.path.islink(os.path.join(inner, name))
    ]


def _without_comments(text: str) -> str:
    return re.sub(r"^\s*(?:#|//|\*).*$", "", text, flags=re.MULTILINE)


def _string(groups: tuple[str | None, ...]) -> str:
    found = next((g for g in groups if g is not None), "")
    return re.sub(r"\\[nrt0]", "", found).replace("\\", "")


def _once(words: list[str], most: int = MOST_WORDS) -> tuple[str, ...]:
    return tuple(dict.fromkeys(w for w in words if w))[:most]

r"""Words and quoted texts: how values that may hold anything are written on one line of a play.

    SET name "two words"        three words
    "a \"quoted\" word\n"       a text: \" \\ \n \r \t \0 \xNN stand for what can't be written

What is written by `quoted` is read again by `unquoted`, whatever it is.
"""

from __future__ import annotations

import re

from grader.wire.parts import to_bytes, to_text

QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_WORD = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[^\s"]\S*|"\S*)', re.DOTALL)
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|(.))", re.DOTALL)
_MEANS = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "s": " "}
_WRITTEN = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0", '"': '\\"', "\\": "\\\\"}
_SPECIAL = re.compile('[\\x00-\\x1f"\\\\\udc80-\udcff]')


def quoted(text: str) -> str:
    """The text in quotes, on one line, whatever it holds."""
    return f'"{_SPECIAL.sub(_escaped, text)}"'


def _escaped(found: re.Match[str]) -> str:
    return _WRITTEN.get(found[0]) or "".join(f"\\x{byte:02x}" for byte in to_bytes(found[0]))


def unquoted(text: str) -> str:
    """The text that stands between the quotes of `text`; without quotes, `text` itself."""
    if not QUOTED.fullmatch(text):
        return text
    inner = text[1:-1]
    if "\\" not in inner:
        return inner
    plain = _ESCAPE.sub(lambda f: to_text(bytes.fromhex(f[1])) if f[1] else _MEANS.get(f[2], f[2]), inner)
    return to_text(to_bytes(plain))


def words_of(line: bytes) -> list[bytes]:
    """The words of a line: at white space, but not inside quotes."""
    return [to_bytes(unquoted(found[1])) for found in _WORD.finditer(to_text(line)) if found[1]]


_VALUE = r"""(?:"(?:[^"\\]|\\.)*"|\[(?:"(?:[^"\\]|\\.)*"|[^]"])*\]|(?:<[^\W\d][^<>]*>|</(?:[^/\\]|\\.)*/>|[^\s"\[])(?:<[^\W\d][^<>]*>|</(?:[^/\\]|\\.)*/>|\S)*|)"""
FIELD = re.compile(rf"\s+(?P<name>[^\W\d][\w-]*)=(?P<value>{_VALUE})(?=\s|$)", re.DOTALL)
NAME = re.compile(r"\s*(\S*)")
_ITEM = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[^,]*?)\s*(?:,|$)', re.DOTALL)


def fields_of(text: str) -> tuple[str, list[tuple[str, str]]]:
    """The first word of a line, and the `name=value` behind it, the values as they are written."""
    first = NAME.match(text)
    found = [(f["name"], f["value"]) for f in FIELD.finditer(text, first.end() if first else 0)]
    return first[1] if first else "", found


def items_of(text: str) -> list[str]:
    """The values in a list, `[1, 2]` or `1, 2`."""
    inner = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    return [found[1] for found in _ITEM.finditer(inner) if found[1]] if inner.strip() else []

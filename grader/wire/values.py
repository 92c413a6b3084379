"""Sums in a play: `<value (low + high) / 2>` is a whole number, made of numbers and of values that have names.

Only `+ - * / %` and parentheses; a division gives the whole part. A value comes from what a server sent, so it may be no
number at all, or a huge one: `NoNumber` says which text it was, and nothing that is written here can take long.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping

MOST_DIGITS = 18
MOST_TOKENS = 60
_TOKEN = re.compile(
    r"\s*(?:(?P<number>[0-9]+)|(?P<name>port-of-[\w-]+|[^\W\d][\w-]*?(?=\s|[-+*/%()]|$))|(?P<sign>[-+*/%()]))"
)
_WHOLE = re.compile(r"\s*[-+]?[0-9]{1,18}\s*")


class NoNumber(ValueError):
    """What was to be a number: `text`."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(text)


class BadSum(ValueError):
    """A sum that can't be read."""


def names_of(written: str) -> tuple[str, ...]:
    """The names in a sum. Raises BadSum."""
    with contextlib.suppress(NoNumber):  # a division by what is 0 when every name is 1
        compute(written, _AnyName())
    return tuple(dict.fromkeys(word for kind, word in _tokens(written) if kind == "name"))


def compute(written: str, known: Mapping[str, str]) -> int:
    """The value of a sum. Raises KeyError for a name without a value, NoNumber, BadSum."""
    tokens = list(_tokens(written))
    if len(tokens) > MOST_TOKENS:
        raise BadSum
    at, value = _sum(tokens, 0, known)
    if at != len(tokens):
        raise BadSum
    return value


def _tokens(written: str) -> Iterator[tuple[str, str]]:
    at = 0
    text = written.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise BadSum
        yield str(found.lastgroup), str(found[str(found.lastgroup)])
        at = found.end()


def _sum(tokens: list[tuple[str, str]], at: int, known: Mapping[str, str]) -> tuple[int, int]:
    at, value = _product(tokens, at, known)
    while at < len(tokens) and tokens[at][1] in ("+", "-"):
        sign = tokens[at][1]
        at, more = _product(tokens, at + 1, known)
        value = _kept(value + more if sign == "+" else value - more)
    return at, value


def _product(tokens: list[tuple[str, str]], at: int, known: Mapping[str, str]) -> tuple[int, int]:
    at, value = _one(tokens, at, known)
    while at < len(tokens) and tokens[at][1] in ("*", "/", "%"):
        sign = tokens[at][1]
        at, more = _one(tokens, at + 1, known)
        if sign != "*" and not more:
            raise NoNumber(f"{value} {sign} 0")
        value = _kept(value * more if sign == "*" else value // more if sign == "/" else value % more)
    return at, value


def _one(tokens: list[tuple[str, str]], at: int, known: Mapping[str, str]) -> tuple[int, int]:
    kind, word = tokens[at] if at < len(tokens) else ("", "")
    if kind == "number":
        return at + 1, _kept(int(word[: MOST_DIGITS + 1]))
    if kind == "name":
        said = known[word]
        if not said.isascii() or not _WHOLE.fullmatch(said):
            raise NoNumber(said)
        return at + 1, int(said)
    if word == "-":
        at, value = _one(tokens, at + 1, known)
        return at, -value
    if word == "(":
        at, value = _sum(tokens, at + 1, known)
        if at < len(tokens) and tokens[at][1] == ")":
            return at + 1, value
    raise BadSum


def _kept(value: int) -> int:
    if abs(value) >= 10**MOST_DIGITS:
        raise NoNumber(str(value))
    return value


class _AnyName(dict[str, str]):
    """Every name has a value, so that a sum can be tried before it is known."""

    def __missing__(self, name: str) -> str:
        return "1"

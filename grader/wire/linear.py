r"""Regular expressions that a hostile text can't lead astray.

Python's `re` backtracks: `(a+)+b` takes longer than the age of the world for forty letters, and it is the server under
test that chooses the letters. Where an expression is so simple that this can't happen (one character or class after the
other, at most one of them repeated: `[A-Za-z0-9_]{1,20}`, `\S+`), `re` is safe and quick, and is used. All others go
through RE2, which never backtracks; it knows no groups to refer back to and no looking ahead, and says so.

RE2 reads UTF-8, and a message may hold bytes that are none: those travel here as characters of a private plane. Its `\w`,
`\d` and `\s` know only ASCII; they are spelled out, so that both engines take `ñ` for a letter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

MOST_STEPS = 20_000_000
"""Characters times size of the expression: RE2 takes no more steps than that, half a second of them."""
MEMORY = 256 << 20

_ESCAPE = r"\\[wdsWDSnrtfv\W]"
_ATOM = rf"(?P<atom>\[\^?\]?(?:{_ESCAPE}|[^\]\\])*\]|{_ESCAPE}|[^\\\[\](){{}}|*+?^$])"
_PIECE = re.compile(rf"{_ATOM}(?P<repeat>[*+?]\??|\{{(?P<least>[0-9]*)(?P<comma>,?)(?P<most>[0-9]*)\}}\??)?")
MOST_REPEATS = 20_000
AT_ONCE = 1_000
"""RE2 counts no further; a larger count is written as several."""
_TOKEN = re.compile(r"\\.|(?P<open>\[\^?\]?)|.", re.DOTALL)
_TOKEN_INSIDE = re.compile(r"\\.|(?P<close>\])|.", re.DOTALL)
_SPELLED = {"w": r"\pL\pN_", "d": r"\p{Nd}", "s": r"\t-\r\x1c-\x20\x{85}\pZ"}
_SURROGATE = re.compile("[\udc80-\udcff]")
_MOVED = {0xDC80 + n: 0x10FF80 + n for n in range(128)}


class NotLinear(ValueError):
    """An expression that RE2 can't search for: what it says about it."""


class Spans(NamedTuple):
    """Where an expression fits: its end, and the text of its named groups."""

    end: int
    groups: Mapping[str, str]


@lru_cache(maxsize=1024)
def repeats(regex: str) -> int | None:
    """How many places of an expression are repeated, if it is a plain row of characters and classes; else None."""
    pieces = _plain(regex)
    if pieces is None:
        return None
    return sum(bool(p["repeat"]) and (p["least"] is None or bool(p["comma"])) for p in pieces)


def _plain(regex: str) -> list[re.Match[str]] | None:
    """The pieces of a plain expression."""
    pieces, at = [], 0
    while at < len(regex):
        found = _PIECE.match(regex, at)
        if not found or max(int(found["least"] or 0), int(found["most"] or 0)) > MOST_REPEATS:
            return None
        pieces.append(found)
        at = found.end()
    return pieces


def check(regex: str) -> None:
    """Raises NotLinear for an expression that RE2 does not take. It takes every plain one."""
    if repeats(regex) is None:
        _compile(f"(?:{spelled_out(regex)})", False)


class Linear:
    """A compiled expression that takes time in proportion to the text."""

    def __init__(self, source: str, *, any_case: bool = False) -> None:
        self._compiled = _compile(source, any_case)
        self.longest = max(512, MOST_STEPS // max(1, self._compiled.programsize))

    def fullmatch(self, text: str) -> Spans | None:
        """The groups if the whole text fits."""
        return self._spans(text, "fullmatch")

    def match(self, text: str) -> Spans | None:
        """Where the expression that begins at the beginning of the text ends."""
        return self._spans(text, "match")

    def _spans(self, text: str, how: str) -> Spans | None:
        if len(text) > self.longest:
            return None
        found = getattr(self._compiled, how)(moved(text))
        if found is None:
            return None
        # The places are the same in the text as it was, where every byte still stands for itself.
        places = self._compiled.groupindex.items()
        return Spans(found.end(), {name: text[found.start(k) : found.end(k)] for name, k in places})


def moved(text: str) -> str:
    """The text without lone surrogates, which have no UTF-8."""
    return text.translate(_MOVED) if _SURROGATE.search(text) else text


def spelled_out(regex: str) -> str:
    r"""An expression as RE2 reads it: `\w`, `\d` and `\s` written as what Python takes them for, large counts cut up."""
    pieces = _plain(regex)
    if pieces is None:
        return _spelled(regex)
    return "".join(_spelled(piece["atom"]) if not piece["repeat"] else _repeated(piece) for piece in pieces)


def _repeated(piece: re.Match[str]) -> str:
    atom, repeat = _spelled(piece["atom"]), piece["repeat"]
    least, most = int(piece["least"] or 0), int(piece["most"] or piece["least"] or 0)
    if not repeat.startswith("{") or max(least, most) <= AT_ONCE:
        return atom + repeat
    lazy = "?" if repeat.endswith("?") else ""
    certain = (atom + f"{{{AT_ONCE}}}") * (least // AT_ONCE) + f"{atom}{{{least % AT_ONCE}}}"
    if piece["comma"] and not piece["most"]:
        return f"{certain}{atom}*{lazy}"
    further = most - least
    return certain + f"{atom}{{0,{AT_ONCE}}}{lazy}" * (further // AT_ONCE) + f"{atom}{{0,{further % AT_ONCE}}}{lazy}"


def _spelled(regex: str) -> str:
    inside, at, written = False, 0, []
    while found := (_TOKEN_INSIDE if inside else _TOKEN).match(regex, at):
        piece, at = found[0], found.end()
        letter = piece[1:] if piece[0] == "\\" else ""
        if letter in _SPELLED:
            written.append(_SPELLED[letter] if inside else f"[{_SPELLED[letter]}]")
        elif letter.lower() in _SPELLED and not inside:
            written.append(f"[^{_SPELLED[letter.lower()]}]")
        else:
            # Inside a class an opening bracket is a character like any other.
            written.append(r"\[" if inside and piece == "[" else piece)
        inside = found.lastgroup != "close" if inside else found.lastgroup == "open"
    return "".join(written)


@lru_cache(maxsize=1024)
def _compile(source: str, any_case: bool) -> Any:
    import re2  # slow to import, and most specs never need it

    options = re2.Options()
    options.log_errors = False
    options.dot_nl = True
    options.max_mem = MEMORY
    options.case_sensitive = not any_case
    try:
        return re2.compile(moved(source), options)
    except re2.error as error:
        said = error.args[0] if error.args else ""
        raise NotLinear(said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)) from None

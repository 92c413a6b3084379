"""Markup made in Python (drawings, marked code) where a template would be in the way: `el` escapes all it is given.

This is the only place where text becomes markup. A name of an element or attribute is ours, a literal; whatever else
goes in is made printable and escaped, unless it is `Markup` already, and that can only have come from here or from a
template.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from markupsafe import Markup, escape

from grader.words import printable_lines

Piece = object
"""Text or a number (escaped), Markup (kept), a list of these, or None (nothing)."""

_UNIT = re.compile(r"(\d) (s|ms|KB|MB|bytes)\b")
EMPTY = ("path", "rect", "line", "circle")
"""Elements of drawings that hold nothing, and may be closed where they open."""


def el(tag: str, *inside: Piece, **attributes: object) -> Markup:
    """An element. `class_` stands for class, `aria_label` for aria-label; an attribute that is None is left out."""
    named = "".join(f' {_name(k)}="{_value(v)}"' for k, v in attributes.items() if v is not None)
    content = join(inside)
    whole = f"<{tag}{named}/>" if tag in EMPTY and not content else f"<{tag}{named}>{content}</{tag}>"
    return Markup(whole)  # noqa: S704  every piece of it has been escaped above


@cache
def _name(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


def _value(value: object) -> str:
    return str(value) if isinstance(value, int | float) else str(escape(printable_lines(str(value))))


def join(pieces: Sequence[Piece], between: str = "") -> Markup:
    """Pieces one after the other."""
    return escape(between).join(_markup(p) for p in pieces if p is not None)


def _markup(piece: Piece) -> Markup:
    if isinstance(piece, Markup):
        return piece
    if isinstance(piece, list | tuple):
        return join(list(piece))
    return escape(printable_lines(str(piece)))


def prose(text: str) -> Markup:
    """A sentence of a spec, in which what stands between two ` is code."""
    pieces = _UNIT.sub("\\1\u00a0\\2", text).split("`")
    whole = len(pieces) % 2 == 1
    return join([el("code", x) if whole and n % 2 else x for n, x in enumerate(pieces)], "" if whole else "`")

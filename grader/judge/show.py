"""Text from the wire, made fit for a sentence: control characters visible, length bounded."""

from __future__ import annotations

LONGEST = 200


def shown(text: str) -> str:
    """The text with control and surrogate characters escaped, and cut with an ellipsis where it is long."""
    cut = text[: LONGEST + 1]
    plain = "".join(
        c
        if c.isprintable()
        else c.encode("utf-8", "backslashreplace").decode("utf-8")
        if "\ud800" <= c <= "\udfff"
        else repr(c)[1:-1]
        for c in cut
    )
    return plain if len(text) <= LONGEST else plain[:LONGEST] + "…"

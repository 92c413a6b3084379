"""What of a learned template has to come for it to be recognised: its words and its names, not what stands around them."""

from __future__ import annotations

import re

MARK = re.compile(r"(<(?:name|text|time|ip|port|\*)>)")
COLOUR = re.compile(r"\x1b\[[\d;]*m")
_CONTROL = re.compile(r"[\x00-\x1f]+")
_WORDY = re.compile(r"[^\W_]{2,}")


def pieces(template: str) -> list[str]:
    """The words of a template in their order, and ``<name>`` where the name stands."""
    kept: list[str] = []
    for part in MARK.split(template):
        if part == "<name>":
            kept.append(part)
        elif not MARK.fullmatch(part):
            kept += [p.strip() for p in _CONTROL.split(COLOUR.sub("\0", part)) if _WORDY.search(p)]
    return kept

"""How amounts are read: points to the hundredth, what a gate lets through, what a time is worth."""

from __future__ import annotations

import re

from grader.model import Tier
from grader.model.spanish import fold
from grader.spec.keys import Reading
from grader.spec.values import FLAGS, number
from grader.spec.yaml_marks import Entries, Node, Scalar

_MEMORY = re.compile(r"([0-9]{1,5})\s?(MB|GB)")
_MOST = 4096
LONGEST_LINE = 1_000_000
_LIMIT = re.compile(r"([0-9]{1,5}(?:\.[0-9]{1,3})?)\s?(ms|s|x)")


def points(reading: Reading, node: Node, key: str) -> float | None:
    """A positive number of points; what is finer than a hundredth is refused, because nobody could show it."""
    found = number(reading, node, key)
    if found is not None and abs(found * 100 - round(found * 100)) > 1e-6:
        reading.complain(node, f"`{key}` goes down to the hundredth.", f"Write {max(found, 0.01):.2f}.")
        return None
    return found


def tiers(reading: Reading, node: Node, key: str) -> tuple[Tier, ...] | None:
    """Times and what they are worth, the fastest first: `{1s: 10, 3s: 5}` or `{2x: 10, 10x: 5}`."""
    hint = "Write {1s: 10, 3s: 5}, or {2x: 10, 10x: 5} for times as long as the reference."
    if not isinstance(node, Entries) or not node.entries:
        reading.complain(node, "`tiers` is a map of times to points.", hint)
        return None
    found_tiers: list[Tier] = []
    for when, worth in node.entries:
        found, earned = _limit(reading, when), points(reading, worth, key)
        if found is None or earned is None:
            return None
        found_tiers.append(Tier(found[0], earned, found[1]))
        before = found_tiers[-2] if len(found_tiers) > 1 else None
        if before and before.of_reference != found_tiers[-1].of_reference:
            reading.complain(when, "Tiers are all in seconds, or all in times of the reference.", hint)
            return None
        if before and (before.limit >= found_tiers[-1].limit or before.points <= earned):
            reading.complain(when, "The shortest time stands first, and is worth most.", hint)
            return None
    return tuple(found_tiers)


def gate(reading: Reading, node: Node, key: str) -> float | None:
    """`gate: true` lets nothing through, `gate: 40` at most 40 points."""
    said = fold(node.value) if isinstance(node, Scalar) else ""
    if said in FLAGS:
        return 0.0 if FLAGS[said] else None
    hint = "Write true: the grade is 0 when it fails. Or a number: the grade is at most that."
    if said.isdecimal():
        return float(said[:6])
    reading.complain(node, f"`{key}` is true or a number of points.", hint)
    return None


def _limit(reading: Reading, node: Scalar) -> tuple[float, bool] | None:
    """A time in seconds, or as a multiple of the reference's; and which of the two."""
    found = _LIMIT.fullmatch(node.value)
    value = float(found[1]) / (1000 if found[2] == "ms" else 1) if found else 0.0
    if found is None or not 0.001 <= value <= 600:
        reading.complain(
            node, f"{node.value[:20]!r} is no time for a tier.", "Write 500ms, 2s, or 3x the reference's time."
        )
        return None
    return value, found[2] == "x"


def memory(reading: Reading, node: Node, key: str) -> int | None:
    """Bytes of memory: from 32 MB to 64 GB."""
    found = _MEMORY.fullmatch(node.value) if isinstance(node, Scalar) else None
    value = int(found[1]) << (30 if found[2] == "GB" else 20) if found else 0
    if 32 << 20 <= value <= 64 << 30:
        return value
    reading.complain(node, f"`{key}` is from 32 MB to 64 GB.", "Write 256MB or 1GB.")
    return None


def processes(reading: Reading, node: Node, key: str) -> int | None:
    """How many processes and threads there may be at a time."""
    return _between(reading, node, key, 8)


def files(reading: Reading, node: Node, key: str) -> int | None:
    """How many files and sockets one process may have open."""
    return _between(reading, node, key, 16)


def line(reading: Reading, node: Node, key: str) -> int | None:
    """How many bytes a line may have, its end included."""
    return _between(reading, node, key, 2, LONGEST_LINE)


def _between(reading: Reading, node: Node, key: str, least: int, most: int = _MOST) -> int | None:
    said = node.value if isinstance(node, Scalar) else ""
    if said.isdecimal() and least <= int(said[:9]) <= most:
        return int(said)
    reading.complain(node, f"`{key}` is a whole number from {least} to {most}.")
    return None

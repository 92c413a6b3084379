"""What a program is that is no chat: the one reason behind everything that it loses, in the place of its symptoms.

A web server that nobody can chat through fails the check in which a message reaches the others, and nothing that is said of
that check helps its author. What it is was seen before the checks were played (`conduct/learn/instead.py`); here it is put
before them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from grader.model import Cause, Finding

VAGUE = frozenset({"instead-ended", "instead-no-port", "instead-one-client", "instead-keeps", "instead-refuses"})
"""What says no more than that it does not go: a cause that was found in the checks, with its line, says more."""


def first(instead: Finding, found: Sequence[Cause], by_rule: Collection[str]) -> tuple[Cause, ...]:
    """The causes of a grade whose server is no chat. `by_rule` are the codes of those that are more than a finding."""
    if not found or (instead.code in VAGUE and any(cause.code in by_rule for cause in found)):
        return tuple(found)
    explains = tuple(dict.fromkeys(check for cause in found for check in cause.explains))
    where = next((cause.where for cause in found if cause.where), None)
    return (Cause(instead.code, explains, instead.facts, where),)

"""`defaults:` says once what most checks would say: each check that does not say it itself has it from there.

    defaults: {points: 5, clients: [ana, beto], law: [lost, doubled]}

It is put into the checks before they are read, so a default that makes no sense is complained of where it stands, once.
"""

from __future__ import annotations

from collections.abc import Mapping

from grader.model.spanish import key as canonical
from grader.spec.yaml_marks import Entries, Items, Node, Scalar

INSTEAD: Mapping[str, frozenset[str]] = {
    "points": frozenset({"penalty", "tiers"}),
    "clients": frozenset({"use"}),
}
"""A default that a check has no need of when it has one of these keys."""


def with_defaults(checks: Node | None, defaults: Entries | None) -> Node | None:
    """The checks with what they have from `defaults:`."""
    if defaults is None or not isinstance(checks, Items):
        return checks
    return Items(tuple(_with(item, defaults) for item in checks.items), checks.place)


def _with(item: Node, defaults: Entries) -> Node:
    if not isinstance(item, Entries):
        return item
    own = {canonical(key.value) for key, _ in item.entries}

    def wanted(key: Scalar) -> bool:
        name = canonical(key.value)
        return name not in own and not INSTEAD.get(name, frozenset()) & own

    more = tuple((key, value) for key, value in defaults.entries if wanted(key))
    return Entries((*item.entries, *more), item.place)

"""What each check is worth, and whether it adds up: groups, bonus, gates, penalties, tiers, marks by hand, milestones.

Points are held to the hundredth, and what is shared out comes to exactly what was to be shared. What would make a sum
that nobody meant is a complaint: a penalty that earns, a group without checks, a grade in which nothing can be earned.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from grader.model import Group, Manual, Milestone, Place, Tier
from grader.model.scoring import shares
from grader.spec import tables
from grader.spec.complaints import shown
from grader.spec.keys import Keys, Reading, Values, read_map
from grader.spec.yaml_marks import Items, Node

EACH = "each"
OWN = ("points", "penalty", "tiers")
"""The keys that say what a check is worth. A check has one of them, or a group that shares out its points."""

Named = TypeVar("Named", Group, Manual, Milestone)


def read_groups(reading: Reading, node: Node | None) -> tuple[Group, ...]:
    """What stands under `groups:`."""
    found = _listed(reading, node, tables.GROUP, "groups")
    made = [Group(one.get("id"), _title(reading, one), one.get("points")) for one in found if "id" in one.got]
    return _once(reading, made, found)


def read_manual(reading: Reading, node: Node | None) -> tuple[Manual, ...]:
    """What stands under `manual:`."""
    found = _listed(reading, node, tables.MANUAL, "manual")
    made = [
        Manual(one.get("id"), _title(reading, one), one.get("points"), one.get("requirement", {}))
        for one in found
        if {"id", "points"} <= one.got.keys()
    ]
    return _once(reading, made, found)


def read_milestones(reading: Reading, node: Node | None, ids: Mapping[str, Sequence[str]]) -> tuple[Milestone, ...]:
    """What stands under `milestones:`. `ids` are the checks of the spec, each with those that `each` made of it."""
    found = _listed(reading, node, tables.MILESTONE, "milestones")
    seen: dict[str, str] = {}
    made = []
    for one in found:
        checks: list[str] = []
        for check, place in one.get("checks", ()):
            if check not in ids:
                reading.complaints.unknown(place, f"No check is called {shown(check)}.", check, ids)
            elif check in seen:
                reading.complain(place, f"{shown(check)} belongs to the milestone {seen[check]} already.", "Remove it.")
            else:
                seen[check] = one.get("id", "")
                checks += ids[check]
        if "id" in one.got:
            made.append(Milestone(one.get("id"), _title(reading, one), tuple(checks)))
    return _once(reading, made, found)


def worths(reading: Reading, found: Sequence[Values], groups: Sequence[Group]) -> list[float]:
    """What each check can earn. Whatever does not add up is a complaint."""
    by_id = {group.id: group for group in groups}
    members: dict[str, list[int]] = {group.id: [] for group in groups}
    worth = [0.0] * len(found)
    for at, check in enumerate(found):
        group = by_id.get(check.get("group", ""))
        if "group" in check.got and group is None:
            message = f"No group is called {shown(check.get('group'))}."
            reading.complaints.unknown(check.place_of("group"), message, check.get("group"), by_id, _no_groups(by_id))
        _check_keys(reading, check, group)
        tiers: tuple[Tier, ...] = check.get("tiers", ())
        worth[at] = tiers[0].points if tiers else check.get("points", 0.0)
        if group and "penalty" not in check.places and not check.get("bonus"):
            members[group.id].append(at)
    for group in groups:
        inside = members[group.id]
        if not inside:
            _complain_of_group(reading, group, found)
        elif group.points is not None:
            for at, share in zip(inside, shares(group.points, [worth[at] or 1.0 for at in inside]), strict=True):
                worth[at] = share
    if found and not any(w for w, check in zip(worth, found, strict=True) if not check.get("bonus")):
        said = all(set(OWN) & check.places.keys() for check in found)
        if said and not len(reading.complaints):
            reading.complain(found[0].place, "No check of this spec earns points.", "Give one of them `points`.")
    return worth


def _check_keys(reading: Reading, check: Values, group: Group | None) -> None:
    own = [key for key in OWN if key in check.places]
    shared = group is not None and group.points is not None
    if len(own) > 1:
        message = f"`{own[0]}` and `{own[1]}` can't stand together."
        reading.complain(check.place_of(own[1]), message, f"Remove one of them: {_MEANING[own[1]]}.")
    elif not own and (not shared or check.get("bonus")) and "group" not in check.places:
        reading.complain(check.place, "A check needs `points`.", "Write points: 5, or `penalty`, or `tiers`.")
    elif not own and (not shared or check.get("bonus")):
        hint = "Write them here, or give the group points to share out."
        reading.complain(check.place_of("group"), "This check has no points, and its group has none to share.", hint)
    if shared and "tiers" in check.places and not check.get("bonus"):
        hint = "Take the points from the group, or put the check in another one."
        reading.complain(check.place_of("tiers"), "The group shares out its points, and tiers have their own.", hint)
    if check.get("bonus") and "penalty" in check.places:
        reading.complain(check.place_of("bonus"), "A penalty can't be a bonus.", "Remove one of them.")
    if check.get("bonus") and check.get("gate") is not None:
        reading.complain(check.place_of("gate"), "What is a bonus can't be asked of everybody.", "Remove one of them.")
    if "tiers" in check.places and EACH in check.places:
        reading.complain(check.place_of("tiers"), "`tiers` and `each` can't stand together.", "Remove one of them.")


_MEANING = {
    "points": "they are what it earns",
    "penalty": "it is lost when the check fails, and nothing is earned",
    "tiers": "they say what it earns, by how long it took",
}


def _complain_of_group(reading: Reading, group: Group, found: Sequence[Values]) -> None:
    place = reading.places.get(f"group {group.id}", found[0].place if found else Place("", 1))
    named = any(check.get("group") == group.id for check in found)
    hint = "A penalty or a bonus takes no share." if named else f"Write `group: {group.id}` in a check, or remove it."
    if not named or group.points is not None:
        reading.complain(place, f"No check earns points in the group {shown(group.id)}.", hint)


def _no_groups(known: Mapping[str, Group]) -> str:
    return "" if known else "Name it under `groups:` at the top."


def _title(reading: Reading, one: Values) -> Mapping[str, str]:
    title: Mapping[str, str] = one.get("title", {reading.language: one.get("id", "")})
    return title


def _listed(reading: Reading, node: Node | None, keys: Keys, key: str) -> list[Values]:
    if node is None:
        return []
    if not isinstance(node, Items) or not node.items:
        reading.complain(node, f"`{key}` is a list.", "Each entry begins with `- id: …`.")
        return []
    return [read_map(reading, item, keys) for item in node.items]


def _once(reading: Reading, made: Iterable[Named], found: Sequence[Values]) -> tuple[Named, ...]:
    kept = tuple(made)
    times = Counter(one.id for one in kept)
    for one in found:
        if times[one.get("id", "")] > 1:
            reading.complain(one.place_of("id"), f"{shown(one.get('id'))} stands here twice.", "Each id once.")
            break
    for one in found:
        reading.places.setdefault(f"group {one.get('id')}", one.place)
    return kept

"""The text of a play: from the scalar under `play:` or `join:`, or written by a ready-made check; and where it stands.

A play must arrive as it was typed. Under `|` YAML keeps every character and every line; under `>`, and in a text that
goes on over several lines without it, lines are silently joined, so those are refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grader.model import Dialect, Place
from grader.spec.complaints import Spot, joined, shown
from grader.spec.grammar import Where
from grader.spec.keys import Reading, Values
from grader.spec.ready_made import ReadyMade, ready_made
from grader.spec.yaml_marks import Entries, Node, Scalar, spot_of_line


@dataclass(frozen=True, slots=True)
class PlayText:
    """The lines of a play, and where each stands in the file."""

    text: str
    where: Where


def play_text(reading: Reading, node: Node, key: str) -> PlayText | None:
    """The text that stands under `play:` or `join:`."""
    hint = f"Write `{key}: |` and the lines below it, indented."
    if not isinstance(node, Scalar):
        reading.complain(node, f"`{key}` is a text, line by line.", hint)
    elif node.cut is not None:
        reading.complain(node, "YAML takes the # in this text for a comment and drops the rest.", hint)
    elif node.style == ">":
        reading.complain(node, "Under > YAML joins the lines of a text to one.", hint)
    elif node.style != "|" and node.last_line > node.place.line:
        reading.complain(node, "Without | YAML joins the lines of a text to one.", hint)
    elif not node.value.strip():
        reading.complain(node, f"`{key}` is empty.", hint)
    else:
        scalar = node

        def where(number: int, line: str) -> Spot:
            return spot_of_line(scalar, number, line, reading.complaints)

        return PlayText(node.value, where)
    return None


def ready_made_text(reading: Reading, check: Values, dialect: Dialect) -> PlayText | None:
    """The play that a ready-made check writes; its complaints stand where it is used."""
    place = check.place_of("use")
    chosen = ready_made()[check.get("use")]
    missing = [f"`{form}`" for form in chosen.wording if not getattr(dialect, form)]
    if missing:
        reading.complain(place, f"{chosen.name} needs {joined(missing)} in the dialect.")
    if "clients" in check.places:
        reading.complain(check.place_of("clients"), f"{chosen.name} brings its own clients.", "Remove `clients`.")
    given = _settings(reading, check.get("with"), chosen)
    if missing or given is None:
        return None
    return PlayText(chosen.write(given, dialect), _always(place))


def _always(place: Place) -> Where:
    spot = Spot(place, exact=False)
    return lambda _number, _line: spot


def _settings(reading: Reading, node: Node | None, chosen: ReadyMade) -> Mapping[str, int] | None:
    if node is None:
        return {}
    if not isinstance(node, Entries):
        reading.complain(node, "`with` is a map of settings.", f"{chosen.name} has {joined(chosen.settings)}.")
        return None
    given: dict[str, int] = {}
    for key, value in node.entries:
        setting = chosen.settings.get(key.value)
        if setting is None:
            message, otherwise = (
                f"{chosen.name} has no setting {shown(key.value)}.",
                f"It has {joined(chosen.settings)}.",
            )
            reading.complaints.unknown(key.place, message, key.value, chosen.settings, otherwise)
            continue
        said = value.value if isinstance(value, Scalar) else ""
        if not (said.isdecimal() and setting.least <= int(said[:9]) <= setting.most):
            limits = f"from {setting.least} to {setting.most}"
            reading.complain(value, f"`{key.value}` of {chosen.name} is a whole number {limits}.")
            return None
        given[key.value] = int(said)
    return given

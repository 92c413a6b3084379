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
from grader.spec.ready_made import ANSWER, ASK, Brought, ReadyMade, ready_made
from grader.spec.values import text
from grader.spec.yaml_marks import Entries, Node, Scalar, spot_of_line

UNCUT = ("datagram", "none")
"""Framings in which the piece that arrives is the message."""
LARGE = "large"


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


def ready_made_play(reading: Reading, check: Values, dialect: Dialect) -> tuple[PlayText, Brought] | None:
    """The play that a ready-made check writes, and what it brings; its complaints stand where it is used."""
    place = check.place_of("use")
    chosen = ready_made()[check.get("use")]
    before = len(reading.complaints)
    given = _settings(reading, check.get("with"), chosen)
    missing = [f"`{form}`" for form in chosen.wording if not getattr(dialect, form)]
    asked = given is not None and ASK in given
    if missing and not asked:
        otherwise = " Without it, say under `with` what a client asks and what it is answered: {ask: …, answer: …}."
        reading.complain(
            place, f"{chosen.name} needs {joined(missing)} in the dialect.", otherwise.strip() * bool(chosen.asked)
        )
    if "clients" in check.places:
        reading.complain(check.place_of("clients"), f"{chosen.name} brings its own clients.", "Remove `clients`.")
    if chosen.stream and reading.protocol.framing in UNCUT:
        message = f"{chosen.name} cuts messages into pieces, and {reading.protocol.framing} has none that could be cut."
        reading.complain(place, message, "Take another ready-made check.")
    if given is None or len(reading.complaints) > before:
        return None
    try:
        written = chosen.write(given, dialect, reading.protocol)
    except (KeyError, ValueError):
        hint = "Write it without placeholders such as <*> or <name>."
        reading.complain(check.place_of("with"), f"What {chosen.name} sends has to be a certain text.", hint)
        return None
    return PlayText(written.play, _always(place)), written.brought


def _always(place: Place) -> Where:
    spot = Spot(place, exact=False)
    return lambda _number, _line: spot


def _settings(reading: Reading, node: Node | None, chosen: ReadyMade) -> Mapping[str, int | str] | None:
    if node is None:
        return {}
    if not isinstance(node, Entries):
        reading.complain(node, "`with` is a map of settings.", f"{chosen.name} has {joined(chosen.settings)}.")
        return None
    given: dict[str, int | str] = {}
    for key, value in node.entries:
        setting = chosen.settings.get(key.value)
        if setting is None:
            message, otherwise = (
                f"{chosen.name} has no setting {shown(key.value)}.",
                f"It has {joined(chosen.settings)}.",
            )
            reading.complaints.unknown(key.place, message, key.value, chosen.settings, otherwise)
            continue
        said = (
            _text(reading, value, key.value) if setting.text is not None else _number(reading, value, key.value, chosen)
        )
        if said is None:
            return None
        given[key.value] = said
    if (ASK in given) != (ANSWER in given):
        reading.complain(node, "`ask` and `answer` go together.", "Write {ask: PING, answer: PONG}.")
        return None
    if ASK in given and chosen.settings.get(LARGE) is not None and LARGE not in given:
        hint = "It asks for something whose answer is 8 MB or more."
        reading.complain(node, f"{chosen.name} needs `{LARGE}` where clients ask and are answered.", hint)
        return None
    return given


def _text(reading: Reading, node: Node, key: str) -> str | None:
    found = text(reading, node, key)
    if found is None or "\n" not in found:
        return found
    reading.complain(node, f"`{key}` is one line.", r"Write \n for the end of a line inside it.")
    return None


def _number(reading: Reading, node: Node, key: str, chosen: ReadyMade) -> int | None:
    setting = chosen.settings[key]
    said = node.value if isinstance(node, Scalar) else ""
    if said.isdecimal() and setting.least <= int(said[:9]) <= setting.most:
        return int(said)
    limits = f"from {setting.least} to {setting.most}"
    reading.complain(node, f"`{key}` of {chosen.name} is a whole number {limits}.")
    return None

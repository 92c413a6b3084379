r"""`each:` makes several checks of one: the play is written once, and played with every entry of a list.

    each: [hola, "two words", ñandú]            each:
    play: |                                       - {ask: 2 + 2, answer: 4}
      ana > <each>                                - {ask: 1 / 0, answer: "error: <*>"}
      ana < <each>                              play: |
                                                  ana > <ask>
                                                  ana < <answer>

An entry stands in the play as if it had been typed there, placeholders and escapes included. Each entry is a check of its
own, `sums-1`, `sums-2`, …, with a fresh server and its part of the points: what works is paid.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from grader.model import Words
from grader.spec.complaints import Spot, joined, shown
from grader.spec.keys import Reading, Values
from grader.spec.plays import PlayText
from grader.spec.values import text
from grader.spec.yaml_marks import Entries, Items, Node, Scalar

EACH, CADA = "each", "cada"
MOST_ENTRIES = 100
_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
_TAKEN = (EACH, "i", "me", "long", "random", "file", "number", "set", "not")
_LABEL = 40


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: what stands for `<each>`, or for each of its names, and how it is called in a title."""

    number: int
    given: Mapping[str, str]

    @property
    def label(self) -> str:
        """The entry in a title: its text, or the first of its texts."""
        said = next(iter(self.given.values()))
        return said if len(said) <= _LABEL else said[: _LABEL - 1] + "…"

    def fill(self, source: str) -> str:
        """The text with this entry in it; what is escaped stays as it is."""
        known = {**self.given, **({CADA: self.given[EACH]} if EACH in self.given else {})}
        return _names(known).sub(lambda found: known[found[1]] if found[1] else found[0], source)


def read_each(reading: Reading, check: Values) -> tuple[Entry, ...]:
    """The entries under `each:`; none where there is no such key, or after a complaint."""
    node: Node | None = check.get(EACH)
    if node is None:
        return ()
    if "use" in check.places:
        reading.complain(node, "A ready-made check has no `each`.", "Write its `play`, or remove `each`.")
        return ()
    hint = "Write [hola, adios], or a map of names to texts for each entry."
    if not isinstance(node, Items) or not node.items:
        reading.complain(node, "`each` is a list of at least one entry.", hint)
        return ()
    if len(node.items) > MOST_ENTRIES:
        reading.complain(node, f"`each` has at most {MOST_ENTRIES} entries.")
        return ()
    before = len(reading.complaints)
    entries = tuple(Entry(at, given) for at, item in enumerate(node.items, 1) if (given := _given(reading, item, hint)))
    for entry, item in zip(entries, node.items, strict=False):
        if entry.given.keys() != entries[0].given.keys():
            first = joined(f"`{name}`" for name in entries[0].given)
            reading.complain(item, "All entries of `each` have the same names.", f"The first one has {first}.")
            break
    else:
        _are_used(reading, check, entries, node)
    return entries if len(reading.complaints) == before else ()


def filled(play: PlayText, entry: Entry) -> PlayText:
    """The play with an entry in it. In a line that it changed, columns can't be counted."""
    lines = play.text.split("\n")
    new = [entry.fill(line) for line in lines]

    def where(number: int, line: str) -> Spot:
        spot = play.where(number, lines[number])
        return Spot(spot.place, exact=spot.exact and line == lines[number])

    return PlayText("\n".join(new), where)


def titled(title: Words, entry: Entry, *, hidden: bool) -> Words:
    """The title of an entry's check. That of a hidden check does not tell what is sent."""
    label = str(entry.number) if hidden else entry.label
    return {
        language: said if (said := label_in(words, entry, label)) != words else f"{words} ({label})"
        for language, words in title.items()
    }


def label_in(words: str, entry: Entry, label: str) -> str:
    """A title that says where its entry stands."""
    return _names({**entry.given, CADA: ""} if EACH in entry.given else entry.given).sub(
        lambda found: label if found[1] else found[0], words
    )


def _names(given: Mapping[str, str]) -> re.Pattern[str]:
    return re.compile(rf"\\.|<({'|'.join(map(re.escape, given))})>", re.DOTALL)


def _given(reading: Reading, item: Node, hint: str) -> Mapping[str, str] | None:
    if isinstance(item, Scalar):
        said = _one_line(reading, item, EACH)
        return None if said is None else {EACH: said}
    if not isinstance(item, Entries) or not item.entries:
        reading.complain(item, "An entry of `each` is a text, or a map of names to texts.", hint)
        return None
    given: dict[str, str] = {}
    for name, value in item.entries:
        if not _NAME.fullmatch(name.value) or name.value in _TAKEN or name.value in reading.words:
            hint = "Use small letters, digits and _; no word of the dialect or of the language."
            reading.complain(name, f"{shown(name.value)} can't be a name here.", hint)
        elif (said := _one_line(reading, value, name.value)) is not None:
            given[name.value] = said
    return given or None


def _one_line(reading: Reading, node: Node, key: str) -> str | None:
    said = text(reading, node, key)
    if said is not None and "\n" in said:
        reading.complain(node, "An entry of `each` is one line.", r"Write \n after >>.")
        return None
    return said


def _are_used(reading: Reading, check: Values, entries: tuple[Entry, ...], node: Node) -> None:
    play = check.get("play")
    source = play.value if isinstance(play, Scalar) else ""
    used = {EACH if found[1] == CADA else found[1] for found in re.finditer(r"\\.|<(\w+)>", source)}
    for name in entries[0].given if entries and source else ():
        if name not in used:
            reading.complain(node, f"<{name}> stands nowhere in the play.", f"Write `ana > <{name}>` in it.")

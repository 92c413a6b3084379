"""Which expectations may be met in any order: plays, and the groups into which they fall for one client."""

import pytest
from plays import chat

from grader.judge.order import groups

# play, clients, whose groups; each group as "ordered" or "any" with the texts that belong to it
ROWS = {
    "one sender: in order": (
        "ana > 1\nana > 2\nbeto < ana: 1\nbeto < ana: 2",
        ["ordered ana: 1, ana: 2"],
    ),
    "two senders: in any order": (
        "ana > 1\ncaro > 2\nbeto < ana: 1\nbeto < caro: 2",
        ["any ana: 1, caro: 2"],
    ),
    "two senders, one expectation": (
        "ana > 1\ncaro > 2\nbeto < ana: 1",
        ["ordered ana: 1"],
    ),
    "an act in between parts them": (
        "ana > 1\nbeto < ana: 1\ncaro > 2\nbeto < caro: 2",
        ["ordered ana: 1", "ordered caro: 2"],
    ),
    "what one does itself does not count": (
        "beto > 0\nana > 1\nana > 2\nbeto < ana: 1\nbeto < ana: 2",
        ["ordered ana: 1, ana: 2"],
    ),
    "an act of another parts them even after two senders": (
        "ana > 1\ncaro > 2\nbeto < ana: 1\nana > 3\nbeto < caro: 2",
        ["ordered ana: 1", "ordered caro: 2"],
    ),
    "senders before the last expectations are not counted again": (
        "ana > 1\nbeto < ana: 1\ncaro > 2\ncaro > 3\nbeto < caro: 2\nbeto < caro: 3",
        ["ordered ana: 1", "ordered caro: 2, caro: 3"],
    ),
    "leaving is an act as well": (
        "ana > 1\ncaro leaves\nbeto < ana: 1\nbeto < * caro left",
        ["any ana: 1, * caro left"],
    ),
    "to freeze is none": (
        "ana > 1\ncaro freezes\nbeto < ana: 1\nbeto < ana: 2",
        ["ordered ana: 1, ana: 2"],
    ),
    "any order, written out": (
        "ana > 1\nana > 2\nany order:\n  beto < ana: 1\n  beto < ana: 2",
        ["any ana: 1, ana: 2"],
    ),
    "times count as so many": (
        "ana > <i>  3 times\ncaro > x\nbeto < ana: <i>  3 times\nbeto < caro: x",
        ["any ana: <i>, ana: <i>, ana: <i>, caro: x"],
    ),
    "together with two others": (
        "together:\n  ana > 1\n  caro > 2\n  beto > 0\nbeto < ana: 1\nbeto < caro: 2",
        ["any ana: 1, caro: 2"],
    ),
    "inside together only the own lines part": (
        "together:\n  ana > 1\n  beto < ana: 1\n  beto > 0\n  beto < caro: 2\n  caro > 2",
        ["ordered ana: 1", "ordered caro: 2"],
    ),
    "inside together all senders of the block count": (
        "together:\n  beto < ana: 1\n  beto < caro: 2\n  ana > 1\n  caro > 2",
        ["any ana: 1, caro: 2"],
    ),
}


@pytest.mark.parametrize(("play", "expected"), ROWS.values(), ids=ROWS)
def test_expectations_fall_into_groups(play, expected):
    lines = play.replace(" leaves", " (leaves)").replace(" freezes", " (freezes)")
    check = chat(lines, "ana", "beto", "caro").check
    own = [g for g in groups(check.play)["beto"] if g.slots[0][0].part == "play"]
    written = [f"{'ordered' if g.ordered else 'any'} {', '.join(line.argument for line, _ in g.slots)}" for g in own]
    assert written == expected


def test_joins_are_in_order_however_many_join():
    check = chat("ana > 1\nbeto, caro < ana: 1", "ana", "beto", "caro").check
    joins = [g for own in groups(check.play).values() for g in own if g.slots[0][0].part == "join"]
    assert len(joins) == 6
    assert all(g.ordered for g in joins)

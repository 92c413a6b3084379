"""The terminal: 80 columns, colour only beside words, and nothing of a submission taken for markup."""

from __future__ import annotations

import re

import pytest
from report_samples import EVIL, SAMPLES, alice, hidden, hostile
from rich.console import Console

from grader.report.show import width
from grader.report.text import as_text, terminal


@pytest.mark.parametrize("name", sorted(SAMPLES))
@pytest.mark.parametrize("lang", ["en", "es"])
def test_no_line_is_wider_than_eighty_columns(name, lang):
    for line in as_text(SAMPLES[name](), lang).splitlines():
        assert width(line) <= 80, line


def test_no_line_ends_in_blanks():
    """Nor on a terminal or through a pipe, where they are in the way of whoever copies or compares."""
    for coloured in (True, False):
        console = Console(width=100, force_terminal=coloured, no_color=not coloured, _environ={})
        with console.capture() as captured:
            console.print(terminal(alice(), "en", page="reports/alice/report.html"))
        plain = re.sub(r"\x1b\[[\d;]*m", "", captured.get())
        assert plain == "\n".join(line.rstrip() for line in plain.splitlines()) + "\n"


def test_colour_repeats_what_signs_and_words_say():
    console = Console(width=80, force_terminal=True, color_system="standard", no_color=False, _environ={})
    with console.capture() as captured:
        console.print(terminal(alice(), "en", page="reports/alice/report.html"))
    coloured = captured.get()
    assert "\x1b[31m✗ Failed" in coloured
    plain = re.sub(r"\x1b\[[\d;]*m", "", coloured)
    assert [line.split()[:2] for line in plain.splitlines() if line[:1] in "✓✗~–!" and line] == [
        ["✓", "Passed"], ["✓", "Passed"], ["✓", "Passed"], ["✗", "Failed"], ["✓", "Passed"],
        ["✗", "Failed"], ["✗", "Failed"], ["~", "Unsteady"], ["–", "Not"],
    ]  # fmt: skip
    assert plain.splitlines()[-1] == "The whole story: reports/alice/report.html"


def test_no_color_is_respected():
    console = Console(width=80, force_terminal=True, _environ={"NO_COLOR": "1"})
    with console.capture() as captured:
        console.print(terminal(alice(), "en"))
    assert "\x1b[3" not in captured.get()


def test_a_long_path_is_not_cut():
    path = "/very" * 30 + "/report.html"
    console = Console(width=80, force_terminal=False)
    with console.capture() as captured:
        console.print(terminal(alice(), "en", path))
    assert path in captured.get().replace("\n", "")


def test_a_hostile_name_changes_nothing_in_the_terminal():
    text = as_text(hostile(), "en")
    assert not set(text) & set("\x1b\x00\u202e\udcff")
    console = Console(width=80, force_terminal=True, _environ={})
    with console.capture() as captured:
        console.print(terminal(hostile(), "en", page="[red]x[/red]"))
    assert "[red]x[/red]" in captured.get()
    assert "\x1b[31mred" not in captured.get()
    assert EVIL not in captured.get()


def test_the_same_reason_is_said_once():
    text = as_text(SAMPLES["wrong-port"](), "en")
    assert text.count("Your server opened port 8080 instead of port 5000.") == 2  # in the table, and first to fix


def test_hidden_checks_keep_their_secret():
    assert "beto left" not in as_text(hidden(), "en")

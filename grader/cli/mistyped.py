"""What is said about a command line that can't be understood: one sentence, in the language of whoever typed it.

The parser knows what is wrong, and has an English sentence for it. What it knows becomes a sentence of ours.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from grader.cli.asking import LANGUAGES, locale_language

Told = tuple[str, Mapping[str, object]]
"""The key of a sentence, and its facts."""


def said(problem: click.ClickException, argv: Sequence[str], command: str) -> str:
    """The sentence, and the command that lists what there is."""
    from grader.words.sentences import Sentences

    say = Sentences(wanted_language(argv))
    key, facts = next((told(problem) for kind, told in KINDS.items() if isinstance(problem, kind)), _other(problem))
    return f"{say.say(f'cli.{key}', **facts)}\n{say.say('cli.typed-help', command=f'{command} --help')}"


def wanted_language(argv: Sequence[str]) -> str:
    """The language that the command line asks for, understood or not; else that of the environment."""
    asked = [b for a, b in itertools.pairwise(argv) if a == "--lang"]
    asked += [a.removeprefix("--lang=") for a in argv if a.startswith("--lang=")]
    return next((language for language in reversed(asked) if language in LANGUAGES), locale_language())


def _missing(problem: Any) -> Told:
    return "typed-missing", {"name": _name(problem)}


def _unknown(problem: Any) -> Told:
    near = sorted(problem.possibilities or ())[:1]
    return "typed-unknown", {"name": problem.option_name, **({"nearest": near[0]} if near else {})}


def _empty(problem: Any) -> Told:
    return "typed-empty", {"name": problem.option_name}


def _bad(problem: Any) -> Told:
    choices = getattr(getattr(problem.param, "type", None), "choices", ())
    return "typed-bad", {"name": _name(problem), **({"choices": list(choices)} if choices else {})}


def _other(problem: click.ClickException) -> Told:
    return "typed-wrong", {"why": problem.format_message().rstrip(".")}


def _name(problem: Any) -> str:
    param = problem.param
    if param is None:
        return str(problem.param_hint or "")
    return param.opts[-1] if isinstance(param, click.Option) else param.make_metavar(problem.ctx).rstrip(".")


KINDS: Mapping[type[click.ClickException], Callable[[Any], Told]] = {
    click.MissingParameter: _missing,
    click.NoSuchOption: _unknown,
    click.BadOptionUsage: _empty,
    click.BadParameter: _bad,
}
"""The first that fits counts, so what is a kind of another stands before it."""

"""`grade spec`: what an instructor does with a spec before anybody is graded by it. Nothing here starts a server.

`check` names every mistake, `explain` says in words what will be sent and expected, `schema` prints what editors complete
keys by, and `new` asks five questions and writes a first spec.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from grader.cli.asking import LANGUAGES, locale_language, say

HELP = {"help_option_names": ["-h", "--help"]}


@click.group(help=say("spec-group"), context_settings=HELP)
def spec() -> None:
    """Only its commands do something."""


@spec.command(help=say("spec-check"), context_settings=HELP)
@click.argument("file", type=click.Path())
@click.option("--lang", type=click.Choice(LANGUAGES), help=say("lang"))
def check(file: str, lang: str | None) -> int:
    from grader.cli.spec_work import check_spec

    return check_spec(Path(file), lang or locale_language())


@spec.command(help=say("spec-explain"), context_settings=HELP)
@click.argument("file", type=click.Path())
@click.option("--only", multiple=True, metavar="CHECK", help=say("spec-only"))
@click.option("--lang", type=click.Choice(LANGUAGES), help=say("lang"))
def explain(file: str, only: tuple[str, ...], lang: str | None) -> int:
    from grader.cli.spec_work import explain_spec

    return explain_spec(Path(file), only, lang or locale_language())


@spec.command(help=say("spec-schema"), context_settings=HELP)
def schema() -> int:
    import json

    from grader.spec.schema import schema as made

    sys.stdout.write(json.dumps(made(), indent=1, ensure_ascii=False) + "\n")
    return 0


@spec.command(help=say("spec-new"), context_settings=HELP)
@click.argument("file", type=click.Path())
@click.option("--lang", type=click.Choice(LANGUAGES), help=say("lang"))
def new(file: str, lang: str | None) -> int:
    from grader.cli.spec_work import new_spec

    return new_spec(Path(file), lang or locale_language())

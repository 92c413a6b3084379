"""The command `grade report` and its options; the work is done in `reporting.py`."""

from __future__ import annotations

import click

from grader.cli.asking import LANGUAGES, locale_language, say


@click.command(help=say("report"), context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("results", nargs=-1, required=True, type=click.Path())
@click.option("--to", metavar="NAME", help=say("to"))
@click.option("--out", type=click.Path(), help=say("report-out"))
@click.option("--lang", type=click.Choice(LANGUAGES), help=say("lang"))
@click.option("--view", type=click.Choice(["student", "staff"]), help=say("view"))
@click.option("--roster", type=click.Path(), metavar="CSV", help=say("roster"))
@click.option("--worksheet", type=click.Path(), metavar="CSV", help=say("worksheet"))
@click.option("--column", default="", metavar="TITLE", help=say("column"))
@click.option("--out-of", type=click.FloatRange(min=0, min_open=True), metavar="N", help=say("out-of"))
@click.option("--incomplete", is_flag=True, help=say("incomplete"))
@click.option("--diff", type=click.Path(), metavar="RESULTS", help=say("diff"))
def report(
    results: tuple[str, ...], to: str | None, out: str | None, lang: str | None, view: str | None, roster: str | None,
    worksheet: str | None, column: str, out_of: float | None, incomplete: bool, diff: str | None,
) -> int:  # fmt: skip
    from grader.cli.reporting import Wanted, report_again

    wanted = Wanted(results, to, out, lang, view, roster, worksheet, column, out_of, incomplete, diff)
    return report_again(wanted, locale_language())

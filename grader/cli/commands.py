"""The commands and their options. Each says what it does in the reader's language, and leaves the work to others."""

from __future__ import annotations

import locale
import os

import click

LANGUAGES = ("en", "es")
SANDBOXES = ("full", "namespaces", "landlock", "limits")
"""The rungs, best first (see `stage.sandbox`, which takes too long to import for `--help`)."""


def _locale_language() -> str:
    """The language of the person at the keyboard, as the environment tells it."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name, ""):
            return value[:2] if value[:2] in LANGUAGES else "en"
    return (locale.getlocale()[0] or "en")[:2] if (locale.getlocale()[0] or "en")[:2] in LANGUAGES else "en"


def _say(key: str) -> str:
    from grader.words.help import HELP

    return HELP[_locale_language()].get(key, HELP["en"][key])


@click.command(help=_say("grade"), epilog=_say("epilog"), context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("submissions", type=click.Path(), nargs=-1, required=True, metavar="SUBMISSION...")
@click.option("--spec", type=click.Path(), help=_say("spec"))
@click.option("--only", multiple=True, metavar="CHECK", help=_say("only"))
@click.option("--out", type=click.Path(), default="reports", show_default=True, help=_say("out"))
@click.option("--lang", type=click.Choice(LANGUAGES), help=_say("lang"))
@click.option("--seed", type=click.IntRange(0, 2**31), help=_say("seed"))
@click.option("--fail-under", type=float, metavar="N", help=_say("fail-under"))
@click.option("--sandbox", type=click.Choice(SANDBOXES), help=_say("sandbox"))
@click.option("--require-sandbox", type=click.Choice(SANDBOXES), metavar="RUNG", help=_say("require-sandbox"))
@click.option("--format", "formats", multiple=True, metavar="NAME[=FILE]", help=_say("format"))
@click.option("--view", type=click.Choice(["student", "staff"]), help=_say("view"))
@click.option("--incomplete", is_flag=True, help=_say("incomplete"))
@click.option("-j", "--jobs", type=click.IntRange(1, 256), help=_say("class-jobs"))
@click.option("--again", is_flag=True, help=_say("again"))
@click.option("--weak-sandbox", is_flag=True, help=_say("weak-sandbox"))
@click.option("--watch", is_flag=True, help=_say("watch"))
@click.option("--cluster", metavar="ADDRESS", help=_say("cluster"))
@click.option("-v", "--verbose", is_flag=True, help=_say("verbose"))
@click.version_option(package_name="socket-grader", prog_name="grade")
def grade(
    submissions: tuple[str, ...], spec: str | None, only: tuple[str, ...], out: str, lang: str | None, seed: int | None,
    fail_under: float | None, sandbox: str | None, verbose: bool, formats: tuple[str, ...], view: str | None, incomplete: bool,
    require_sandbox: str | None, jobs: int | None, again: bool, weak_sandbox: bool, watch: bool, cluster: str | None,
) -> int:  # fmt: skip
    from grader.cli.grade_one import Asked, grade_any

    asked = Asked(
        submissions,
        spec,
        only,
        out,
        lang,
        seed,
        fail_under,
        sandbox,
        verbose,
        formats,
        view,
        incomplete,
        require_sandbox,
        jobs,
        again,
        weak_sandbox,
        watch,
        cluster,
    )
    return grade_any(asked, _locale_language())


@click.command(help=_say("serve"), context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("port", type=click.IntRange(1, 65535), default=5000)
@click.option("--spec", type=click.Path(), help=_say("spec"))
@click.option("--lang", type=click.Choice(LANGUAGES), help=_say("lang"))
def serve(port: int, spec: str | None, lang: str | None) -> int:
    from grader.cli.serving import serve_reference

    return serve_reference(port, spec, lang or _locale_language())


@click.command(help=_say("doctor"), context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--lang", type=click.Choice(LANGUAGES), help=_say("lang"))
def doctor(lang: str | None) -> int:
    from grader.cli.doctor import doctor as examine

    return examine(lang or _locale_language())


@click.command(
    help=_say("prove"), epilog=_say("prove-epilog"), context_settings={"help_option_names": ["-h", "--help"]}
)
@click.argument("spec", type=click.Path())
@click.option("--only", multiple=True, metavar="SERVER", help=_say("prove-only"))
@click.option("-j", "--jobs", type=click.IntRange(1, 64), help=_say("jobs"))
@click.option("--runs", type=click.IntRange(1, 1000), default=1, show_default=True, help=_say("runs"))
@click.option("--out", type=click.Path(), help=_say("prove-out"))
@click.option("--lang", type=click.Choice(LANGUAGES), help=_say("lang"))
def prove(spec: str, only: tuple[str, ...], jobs: int | None, runs: int, out: str | None, lang: str | None) -> int:
    from grader.cli.proving import Asked, prove_spec

    return prove_spec(Asked(spec, only, jobs, runs, out, lang), _locale_language())


@click.command(help=_say("dialect"), context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("submission", type=click.Path())
@click.option("--seed", type=click.IntRange(0, 2**31), help=_say("seed"))
@click.option("--lang", type=click.Choice(LANGUAGES), help=_say("lang"))
def dialect(submission: str, seed: int | None, lang: str | None) -> int:
    from grader.cli.dialect import print_dialect

    return print_dialect(submission, seed, lang or _locale_language())


OTHERS = {"serve": serve, "doctor": doctor, "prove": prove, "dialect": dialect}
"""Commands that are called by name; whatever else comes first is a submission."""

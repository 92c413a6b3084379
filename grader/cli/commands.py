"""The commands and their options. Each says what it does in the reader's language, and leaves the work to others."""

from __future__ import annotations

import click

from grader.cli.asking import LANGUAGES, SANDBOXES, locale_language, say


@click.command(help=say("grade"), epilog=say("epilog"), context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("submissions", type=click.Path(), nargs=-1, required=True, metavar="SUBMISSION...")
@click.option("--spec", type=click.Path(), help=say("spec"))
@click.option("--only", multiple=True, metavar="CHECK", help=say("only"))
@click.option("--out", type=click.Path(), default="reports", show_default=True, help=say("out"))
@click.option("--lang", type=click.Choice(LANGUAGES), help=say("lang"))
@click.option("--seed", type=click.IntRange(0, 2**31), help=say("seed"))
@click.option("--fail-under", type=float, metavar="N", help=say("fail-under"))
@click.option("--sandbox", type=click.Choice(SANDBOXES), help=say("sandbox"))
@click.option("--require-sandbox", type=click.Choice(SANDBOXES), metavar="RUNG", help=say("require-sandbox"))
@click.option("--format", "formats", multiple=True, metavar="NAME[=FILE]", help=say("format"))
@click.option("--view", type=click.Choice(["student", "staff"]), help=say("view"))
@click.option("--incomplete", is_flag=True, help=say("incomplete"))
@click.option("-j", "--jobs", type=click.IntRange(1, 256), help=say("class-jobs"))
@click.option("--again", is_flag=True, help=say("again"))
@click.option("--weak-sandbox", is_flag=True, help=say("weak-sandbox"))
@click.option("--watch", is_flag=True, help=say("watch"))
@click.option("--cluster", metavar="ADDRESS", help=say("cluster"))
@click.option("-v", "--verbose", is_flag=True, help=say("verbose"))
@click.version_option(package_name="socket-grader", prog_name="grade")
def grade(
    submissions: tuple[str, ...], spec: str | None, only: tuple[str, ...], out: str, lang: str | None, seed: int | None,
    fail_under: float | None, sandbox: str | None, verbose: bool, formats: tuple[str, ...], view: str | None, incomplete: bool,
    require_sandbox: str | None, jobs: int | None, again: bool, weak_sandbox: bool, watch: bool, cluster: str | None,
) -> int:  # fmt: skip
    from grader.cli.asked import Asked
    from grader.cli.grade_any import grade_any

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
    return grade_any(asked, locale_language())


@click.command(help=say("serve"), context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("port", type=click.IntRange(1, 65535), default=5000)
@click.option("--spec", type=click.Path(), help=say("spec"))
@click.option("--lang", type=click.Choice(LANGUAGES), help=say("lang"))
def serve(port: int, spec: str | None, lang: str | None) -> int:
    from grader.cli.serving import serve_reference

    return serve_reference(port, spec, lang or locale_language())


@click.command(help=say("doctor"), context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--lang", type=click.Choice(LANGUAGES), help=say("lang"))
def doctor(lang: str | None) -> int:
    from grader.cli.doctor import doctor as examine

    return examine(lang or locale_language())


@click.command(help=say("prove"), epilog=say("prove-epilog"), context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("spec", type=click.Path())
@click.option("--only", multiple=True, metavar="SERVER", help=say("prove-only"))
@click.option("-j", "--jobs", type=click.IntRange(1, 64), help=say("jobs"))
@click.option("--runs", type=click.IntRange(1, 1000), default=1, show_default=True, help=say("runs"))
@click.option("--out", type=click.Path(), help=say("prove-out"))
@click.option("--lang", type=click.Choice(LANGUAGES), help=say("lang"))
def prove(spec: str, only: tuple[str, ...], jobs: int | None, runs: int, out: str | None, lang: str | None) -> int:
    from grader.cli.proving import Asked, prove_spec

    return prove_spec(Asked(spec, only, jobs, runs, out, lang), locale_language())


@click.command(help=say("dialect"), context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("submission", type=click.Path())
@click.option("--seed", type=click.IntRange(0, 2**31), help=say("seed"))
@click.option("--lang", type=click.Choice(LANGUAGES), help=say("lang"))
def dialect(submission: str, seed: int | None, lang: str | None) -> int:
    from grader.cli.dialect import print_dialect

    return print_dialect(submission, seed, lang or locale_language())


OTHERS = {"serve": serve, "doctor": doctor, "prove": prove, "dialect": dialect}
"""Commands that are called by name; whatever else comes first is a submission."""

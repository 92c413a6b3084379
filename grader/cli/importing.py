"""`grade import submissions.zip`: what would be taken as whose, before anything is graded; with `--to`, taken."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.asking import LANGUAGES, locale_language, say
from grader.cli.codes import GRADED, USAGE
from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.words.sentences import Sentences


@click.command("import", help=say("import"), context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("archive", type=click.Path())
@click.option("--to", type=click.Path(), metavar="FOLDER", help=say("import-to"))
@click.option("--lang", type=click.Choice(LANGUAGES), help=say("lang"))
def import_command(archive: str, to: str | None, lang: str | None) -> int:
    from grader.words.sentences import Sentences

    say = Sentences(lang or locale_language())
    try:
        with tempfile.TemporaryDirectory(prefix="grade-import-") as aside:
            _shown(Path(archive), Path(to) if to else Path(aside) / "taken", say, kept=to is not None)
    except UsageError as problem:
        print(say.say(f"cli.{problem.code}", **problem.facts), file=sys.stderr)
        return USAGE
    return GRADED


def _shown(archive: Path, to: Path, say: Sentences, *, kept: bool) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from grader.course.archives import is_archive
    from grader.course.handed_in import taken
    from grader.words.plain import printable

    if not archive.exists():
        raise UsageError("usage-missing-folder", path=str(archive))
    if not archive.is_file() or not is_archive(archive):
        raise UsageError("not-an-archive", path=str(archive))
    if kept and to.exists() and any(to.iterdir()):
        raise UsageError("not-empty", path=str(to))
    got = taken(archive, to)
    console = Console(highlight=False, markup=False, emoji=False)
    console.print(say.say("cli.import-from", count=len(got.members), platform=say.say(f"platform.{got.platform}")))
    table = Table.grid(padding=(0, 2))
    for one in got.members:
        files = sorted(str(p.relative_to(one.folder)) for p in one.folder.rglob("*") if p.is_file())
        told = say.say("cli.import-files", names=files, count=len(files))
        table.add_row(Text(printable(one.name)), Text(", ".join(map(printable, one.owners))), Text(told))
    console.print(table)
    for notice in got.refused:
        console.print(Text(say.say(f"notice.{notice.code}", **notice.facts), style="yellow"), soft_wrap=True)
    if kept:
        console.print(say.say("cli.written", path=str(to)))

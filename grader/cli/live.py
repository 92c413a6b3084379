"""What is seen while a grading runs: one line that moves on a terminal, and nothing at all in a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

if TYPE_CHECKING:
    from rich.console import Console

    from grader.model import Verdict
    from grader.words.sentences import Sentences


class Live:
    """A context in which `heard` may be called with each verdict."""

    def __init__(self, console: Console, say: Sentences, name: str, total: int, language: str) -> None:
        self._language = language
        self._progress = Progress(
            TextColumn("{task.description}"), BarColumn(bar_width=24), MofNCompleteColumn(), TextColumn("[dim]{task.fields[last]}"),
            console=console, transient=True, disable=not console.is_terminal,
        )  # fmt: skip
        self._task = self._progress.add_task(say.say("cli.grading", name=name), total=total, last="")

    def heard(self, verdict: Verdict) -> None:
        """One more check has its verdict."""
        title = verdict.check.title.get(self._language) or next(iter(verdict.check.title.values()), verdict.check.id)
        self._progress.update(self._task, advance=1, last=title)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

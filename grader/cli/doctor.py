"""`grade doctor`: which sandbox this machine gives, what the better ones answered, and how to get them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from grader.cli.codes import GRADED, GRADER_PROBLEM

if TYPE_CHECKING:
    from grader.words.sentences import Sentences

SIGNS = {"used": "✓", "works": "✓", "refused": "✗"}
STYLES = {"used": "bold green", "works": "green", "refused": "red"}


def doctor(language: str) -> int:
    """Try every rung, say how each answered; exit code 1 if not even the last works."""
    from grader.stage import staging
    from grader.stage.rungs import RUNGS
    from grader.stage.sandbox import refused
    from grader.words.sentences import Sentences

    say, console = Sentences(language), Console(highlight=False)
    probe = staging.empty_staging()
    try:
        answers = {name: refused(RUNGS.get(name), probe) for name in RUNGS}
    finally:
        staging.remove(probe)
    used = next((name for name, answer in answers.items() if answer is None), None)
    console.print(say.say("doctor.title"), style="bold")
    for name, answer in answers.items():
        word = "refused" if answer is not None else "used" if name == used else "works"
        said = say.say(f"doctor.{word}", why=answer)
        console.print(f"{SIGNS[word]} [{STYLES[word]}]{name:11}[/] {say.say(f'rung.{name}')}", soft_wrap=True)
        _below(console, said)
        if answer is None:
            _lacks(console, say, name)
    for fact in _facts(say, answers):
        console.print(fact, style="dim", soft_wrap=True)
    console.print()
    _advise(console, say, answers, used)
    return GRADED if used else GRADER_PROBLEM


def _below(console: Console, text: str) -> None:
    from grader.report.text import Ragged

    console.print(Ragged(Padding(Text(text, style="dim"), (0, 0, 0, 4), expand=False)))


def _lacks(console: Console, say: Sentences, name: str) -> None:
    from grader.stage.proof import gaps
    from grader.stage.rungs import RUNGS

    for word in gaps(RUNGS.get(name)):
        _below(console, say.say("doctor.lacks", what=say.say(f"doctor.gap.{word}")))


def _facts(say: Sentences, answers: dict[str, str | None]) -> list[str]:
    from grader.stage import cgroup
    from grader.stage.advice import this_machine
    from grader.stage.proof import landlock_version

    version = landlock_version()
    return [
        say.say("doctor.as-root" if this_machine().root else "doctor.as-user"),
        say.say("doctor.landlock", version=version) if version else say.say("doctor.no-landlock"),
        say.say("doctor.group" if cgroup.possible() else "doctor.no-group"),
    ]


def _advise(console: Console, say: Sentences, answers: dict[str, str | None], used: str | None) -> None:
    from grader.stage.advice import advice, this_machine

    if used == next(iter(answers)):
        console.print(say.say("doctor.best"), soft_wrap=True)
        return
    given: list[str] = []
    for name, answer in answers.items():
        if name == used:
            break
        words = [word for word in advice(answer or "", this_machine()) if word not in given]
        if words:
            console.print(say.say("doctor.better", rung=name), style="bold")
        for word in words:
            _below(console, say.say(f"doctor.advice.{word}"))
        given += words

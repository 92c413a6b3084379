"""“About this report”: all that somebody needs to repeat a grading, and nothing that tells of the machine it ran on."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import PurePath

from grader.model import Grade, ServerFacts
from grader.words import Sentences


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of “About this report”."""

    name: str
    code: str = ""
    text: str = ""


def about(grade: Grade, say: Sentences) -> list[Fact]:
    """All that somebody needs to repeat this grading."""
    run = grade.run
    served = [a.transcript.server for v in grade.verdicts for a in v.attempts if a.transcript.server.argv]
    facts = [Fact(say.say("page.about-submission"), grade.submission.name, _digest(grade.submission.digest, say))]
    if grade.build:
        facts.append(Fact(say.say("page.about-build"), grade.build.command))
    if served:
        facts.append(Fact(say.say("page.about-started"), _command(served[0]), _port(served[0], say)))
    facts.append(Fact(say.say("page.about-spec"), grade.spec_id, _digest(grade.spec_digest, say)))
    if run.reference_digest:
        facts.append(Fact(say.say("page.about-reference"), "", _digest(run.reference_digest, say)))
    rung = say.say(f"rung.{run.rung}") if say.has(f"rung.{run.rung}") else ""
    facts.append(Fact(say.say("page.about-sandbox"), run.rung, " · ".join(x for x in (rung, run.rung_why) if x)))
    facts.append(Fact(say.say("page.about-run"), run.id, say.say("page.about-seed", seed=run.seed)))
    facts.append(Fact(say.say("page.about-versions"), "", " · ".join(f"{k} {v}" for k, v in run.versions.items())))
    took = say.say("page.took", seconds=say.number(run.seconds, 1))
    facts.append(Fact(say.say("page.about-date"), "", f"{run.started[:16].replace('T', ' ')}, {took}"))
    return facts


def _digest(digest: str, say: Sentences) -> str:
    short = digest.rsplit(":", 1)[-1]
    return say.say("page.digest", digest=short if len(short) < 14 else f"{short[:6]}…{short[-4:]}") if short else ""


def _command(server: ServerFacts) -> str:
    """The server's command without the folders of the machine it ran on."""
    words = [PurePath(a).name if a.startswith("/") and len(a) > 1 else a for a in server.argv]
    return shlex.join(words)


def _port(server: ServerFacts, say: Sentences) -> str:
    if server.listening and server.listening != server.port:
        return say.say("page.about-port-other", port=server.port, listening=server.listening)
    return say.say("page.about-port", port=server.port) if server.port else ""

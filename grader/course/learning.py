"""Where a spec leaves open how a server talks: it is found out, once, before the checks are played.

What was learned stands at the top of the report, in a notice. Where a server is no chat at all, what it is instead is the
first thing to fix; the checks are played all the same, in the plainest way, so that what it does do counts.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.conduct.learn.learner import Learner
from grader.course.dialect_file import own_dialect
from grader.course.subject import port_for
from grader.model import LOOPBACK, Command, Finding, Instead, Learned, Spec
from grader.model.learned import WRITTEN
from grader.spec.discovered import newcomers, spoken
from grader.stage.addresses import make_local
from grader.stage.box import Box
from grader.stage.place import Staging
from grader.stage.rungs import Rung


@dataclass(frozen=True, slots=True)
class FoundOut:
    """The spec in the words of one server, what a report says of these, and what the server is if it is no chat."""

    spec: Spec
    notices: tuple[Finding, ...]
    instead: Finding | None
    unplayable: Mapping[str, Finding]
    """The checks that need more clients than the server lets in, and why."""


def learn(staged: Staging, rung: Rung, command: Command, seed: int) -> tuple[Learned, Instead | None]:
    """How the server of a staged, built submission talks, and what it is instead if it is no chat."""

    @contextlib.contextmanager
    def opened() -> Iterator[Box]:
        with Box(rung, staged) as box:
            if command.host != LOOPBACK:
                make_local(box)
            yield box

    with opened() as box:
        more = opened if rung.own_files else None
        return Learner(box, command, port_for(seed), staged.submission, more).learn()


def known(
    spec: Spec, folder: Path, staged: Staging, rung: Rung, command: Command, seed: int
) -> tuple[Learned, Instead | None]:
    """How a server talks: what the spec says of all, what its folder says of it where the spec lets it, or what is learned."""
    if spec.talks is not None:
        return spec.talks, None
    own = own_dialect(folder) if command.own_start else None
    return (own, None) if own is not None else learn(staged, rung, command, seed)


def find_out(spec: Spec, folder: Path, staged: Staging, rung: Rung, command: Command, seed: int) -> FoundOut:
    """How a server talks, and the spec as it is played against it."""
    learned, instead = known(spec, folder, staged, rung, command, seed)
    notices = (told(learned),) if instead is None else ()
    few = {
        c.id: Finding("too-few-logins", {"wanted": wanted, "known": len(learned.logins)})
        for c in spec.checks
        if learned.logins and (wanted := len(newcomers(c))) > len(learned.logins)
    }
    return FoundOut(spoken(spec, learned), notices, Finding(instead.code, instead.facts) if instead else None, few)


def told(learned: Learned) -> Finding:
    """How the server talks, in the sentences of a report."""
    facts = {
        "asked": _shown(learned.asked), "hello": [_shown(piece) for piece in learned.hello], "said": _shown(learned.say),
        "line": int(learned.framing in ("newline", "crlf")),
        "length": int(learned.framing.startswith(("u", "header"))),
        "heard": _shown(learned.heard), "echo": int(learned.echo), "joined": _shown(learned.joined),
        "left": _shown(learned.left), "quit": learned.goodbye,
    }  # fmt: skip
    return Finding(
        "talks-written" if learned.family == WRITTEN else "talks", {name: fact for name, fact in facts.items() if fact}
    )


def _shown(text: str) -> str:
    """A template as people read it: what can't be seen is escaped."""
    return text.encode("unicode_escape").decode("ascii") if not text.isprintable() else text

"""Where a spec leaves open how a server talks: it is found out, once, before the checks are played.

What was learned stands at the top of the report, in a notice. Where a server is no chat at all, the notice says what it is
instead; the checks are played all the same, in the plainest way, so that what it does do counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from grader.conduct.learn.learner import Learner
from grader.course.dialect_file import own_dialect
from grader.course.subject import port_for
from grader.model import LOOPBACK, Command, Finding, Instead, Learned, Spec
from grader.spec.discovered import spoken
from grader.stage.addresses import make_local
from grader.stage.box import Box
from grader.stage.place import Staging
from grader.stage.sandbox import Rung


def learn(staged: Staging, rung: Rung, command: Command, seed: int) -> tuple[Learned, Instead | None]:
    """How the server of a staged, built submission talks, and what it is instead if it is no chat."""
    with Box(rung, staged) as box:
        if command.host != LOOPBACK:
            make_local(box)
        return Learner(box, command, port_for(seed), staged.submission).learn()


def known(folder: Path, staged: Staging, rung: Rung, command: Command, seed: int) -> tuple[Learned, Instead | None]:
    """How a server talks: what its folder says of it, where the spec lets it, else what is learned."""
    own = own_dialect(folder) if command.own_start else None
    return (own, None) if own is not None else learn(staged, rung, command, seed)


def in_its_words(spec: Spec, learned: Learned) -> Spec:
    """The spec as it is played against this server."""
    return spoken(spec, learned)


def told(learned: Learned, instead: Instead | None) -> Iterator[Finding]:
    """How the server talks, in the sentences of a report."""
    if instead is not None:
        yield Finding(instead.code, instead.facts)
        return
    facts = {
        "asked": _shown(learned.asked), "hello": [_shown(piece) for piece in learned.hello], "said": _shown(learned.say),
        "line": int(learned.framing in ("newline", "crlf")),
        "length": int(learned.framing.startswith(("u", "header"))),
        "heard": _shown(learned.heard), "echo": int(learned.echo), "joined": _shown(learned.joined),
        "left": _shown(learned.left), "quit": learned.goodbye,
    }  # fmt: skip
    yield Finding("talks", {name: fact for name, fact in facts.items() if fact})


def _shown(text: str) -> str:
    """A template as people read it: what can't be seen is escaped."""
    return text.encode("unicode_escape").decode("ascii") if not text.isprintable() else text

"""Which silences of a play may be proven later: at its end, once for all of them.

A server with a thread that looks up twice a second is proven quiet only after two of its rounds, and a play has many
moments of silence: after each implicit join, at each `(nothing)`. But a silence that was broken leaves a message. Where
nothing in the rest of the play could take that message in or throw it away, it is still there at the end, in somebody's
inbox, and the quiet that closes every check proves that there is none. So one proof at the end serves them all.

What is found that way counts only if it is a pass. A play that went on before a silence was proven, and then found
anything wrong, is performed again with each silence proven in its place: a server whose messages come with its rounds
loses nothing, and whoever fails has failed beside the full proof.
"""

from __future__ import annotations

from grader.model import SERVER, Check, Spec, Verb

KEEPS = {Verb.SEND, Verb.SEND_RAW, Verb.EXPECT, Verb.EXPECT_RAW, Verb.NOTHING, Verb.CONNECTS, Verb.IS_RUNNING}
"""Lines after which a message that nobody asked for is still where it was."""


def may_be_later(check: Check, spec: Spec) -> bool:
    """Whether a play may go on before a silence is proven: not where times are measured, or runs are compared.

    Nor where messages end by quiet alone, unless the server's timers were seen to bring nothing. Nor where the server has other checks before it and behind: to be asked the same twice would be another thing to it.
    """
    timed = check.tiers or check.beside_reference or any(line.within for line in check.play)
    return not (timed or check.python or (spec.discover and not spec.idles) or spec.programs or spec.server.lasts)


def later(check: Check) -> frozenset[int]:
    """The steps of the lines `(nothing)` that the end of the play proves as well."""
    if check.leftovers_allowed:
        return frozenset()
    found: set[int] = set()
    called: set[str] = set()
    for line in reversed(check.play):
        if line.verb not in KEEPS or SERVER in line.who or line.block is not None:
            break
        if line.verb is Verb.NOTHING and called.isdisjoint(line.who):
            found.add(line.step)
        called |= {*line.who} if line.verb is Verb.CONNECTS else set()
    return frozenset(found)

"""A check whose play is made while it runs (`model.scripts`): loops, and lines with values that were computed.

Each line of the script becomes an ordinary line, with values in the place of names, when its turn comes; it is performed,
stands in the transcript and is judged like all others. A name that a loop captures anew each time is a new name each time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from grader.conduct.line_by_line import LineByLine
from grader.conduct.waiting import Waited
from grader.model import Block, Check, Evidence, Line, Spec, spanish
from grader.model.scripts import Option, Repeat, Sets, Step
from grader.spec.expand import expand
from grader.wire.phrases import Phrases
from grader.wire.values import NoNumber, compute

if TYPE_CHECKING:
    from collections.abc import Sequence

FIRST_BLOCK = 2_000_000
_PLACEHOLDER = re.compile(r"\\.|<(?P<inner>[^<>]+)>", re.DOTALL)
_WORD = re.compile(r"port-of-[\w-]+|[^\W\d]\w*")
_PIECE = re.compile(r"(?P<before>file .+ (?:piece|pieza) )(?P<which>[^\W\d]\w*)(?P<after> (?:of|de) \d+)")


class ScriptConductor(LineByLine):
    """Performs one check with a script. The implicit joins are ordinary lines, and come first."""

    def _play_on(self) -> bool:
        return _Run(self, self._check, self._spec).all()

    def go_through(self, lines: Sequence[Line]) -> bool:
        """Lines that the script adds, groups among them, in their order."""
        self._added += lines
        with self._follow_lock:
            self._follow.extend(lines)
        return self._perform_lines(tuple(lines))

    @property
    def known(self) -> Mapping[str, str]:
        """The values that names have by now."""
        self._pull()
        return self._follow.known

    def no_number(self, line: Line, text: str) -> None:
        """The play ends here: what the server sent was to be a number."""
        self._stop(Waited(True, Evidence.SEEN), [(line, line.who[0], f"no-number {text[:40]}")])


class _Run(Mapping[str, str]):
    """One run of a script. As a map it has the values of names, as a sum asks for them."""

    def __init__(self, conductor: ScriptConductor, check: Check, spec: Spec) -> None:
        self._conductor = conductor
        self._script = check.script
        self._spec = spec
        self._others = frozenset(who for role in spec.roles for who in role.played_by)
        self._step = len(check.play)
        self._block = FIRST_BLOCK
        self._gathered: list[Line] = []
        self._last: Line | None = None
        self._values: dict[str, int] = {}
        self._renamed: dict[str, str] = {}
        self._number: int | None = None
        self._ended = False

    def all(self) -> bool:
        """Play it; whether it came to its end."""
        for node in self._script:
            if not (self._repeat(node) if isinstance(node, Repeat) else self._one(node, last=False)):
                return False
        return self._flush()

    def _repeat(self, loop: Repeat) -> bool:
        self._ended = False
        for number in range(1, loop.most + 1):
            self._number = number
            self._renamed |= {name: name if number == 1 else f"{name}_{number}" for name in loop.again}
            for step in loop.steps:
                if not self._one(step, last=loop.until and number == loop.most):
                    return False
                if self._ended:
                    break
            if self._ended:
                break
        self._number = None
        return True

    def _one(self, step: Step, *, last: bool) -> bool:
        if step.line is None:
            return self._flush() and self._compute(step.sets)
        if step.options:
            return self._flush() and self._choose(step.line, step.options, last=last)
        self._gathered += self._instances(step.line)
        return True

    def _flush(self) -> bool:
        lines, self._gathered = self._gathered, []
        self._last = lines[-1] if lines else self._last
        return not lines or self._conductor.go_through(lines)

    def _choose(self, line: Line, options: Sequence[Option], *, last: bool) -> bool:
        """Wait for one of several messages, and do what follows from it. The last time, only what ends the loop will do."""
        possible = [option for option in options if option.ends or not last] or list(options)
        argument = " | ".join(option.pattern for option in possible)
        text = f"{', '.join(line.who)} < {argument}"
        (made,) = self._instances(replace(line, text=text, argument=argument))
        self._block += 1
        made = replace(made, block=Block("any order", self._block))
        self._last = made
        if not self._conductor.go_through([made]):
            return False
        said = self._conductor.message_of(made.step, made.who[0])
        known = self._conductor.known
        phrases = Phrases(self._spec.protocol_of(made.who[0]), self._spec.dialect.words)
        fits = (o for o in possible if phrases.parse(self._filled(o.pattern, made)).match(said, known) is not None)
        chosen = next(fits, possible[0])
        self._ended = self._ended or chosen.ends
        return self._compute(chosen.sets)

    def _compute(self, sets: Sets) -> bool:
        for name, written in sets:
            try:
                self._values[name] = compute(written, self)
            except NoNumber as wrong:
                if self._last is None:
                    raise
                self._conductor.no_number(self._last, wrong.text)
                return False
        return True

    # -- lines with values in the place of names

    def _instances(self, line: Line) -> Iterator[Line]:
        """The lines to perform: one, or those of a join."""
        for one in expand((), (line,), self._spec.join, self._others):
            block = None if one.block is not None and one.block.kind == "repeat" else one.block
            filled = self._filled(one.argument, one) if one.argument else ""
            text = one.text.replace(one.argument, filled, 1) if one.argument else one.text
            yield replace(one, step=self._step, text=text, argument=filled, block=block)
            self._step += 1

    def _filled(self, source: str, line: Line) -> str:
        own = line.times > 1  # such a line counts its own repetitions
        return _PLACEHOLDER.sub(lambda found: self._placeholder(found, own=own), source)

    def _placeholder(self, found: re.Match[str], *, own: bool) -> str:
        if found["inner"] is None:
            return found[0]
        inner = spanish.placeholder(found["inner"])
        if inner == "i":
            return found[0] if own or self._number is None else str(self._number)
        if inner.startswith("value "):
            return f"<value {_WORD.sub(lambda word: self._named(word[0]), inner[6:])}>"
        if piece := _PIECE.fullmatch(inner):
            which = piece["which"]
            which = str(self._number) if which == "i" and self._number is not None and not own else self._named(which)
            return f"<{piece['before']}{which}{piece['after']}>"
        if inner in self._values:
            return str(self._values[inner])
        return f"<{self._renamed[inner]}>" if inner in self._renamed else found[0]

    def _named(self, name: str) -> str:
        if name == "i" and self._number is not None:
            return str(self._number)
        return str(self._values[name]) if name in self._values else self._renamed.get(name, name)

    # -- values

    def __getitem__(self, name: str) -> str:
        if name in self._values:
            return str(self._values[name])
        if name == "i" and self._number is not None:
            return str(self._number)
        return self._conductor.known[self._renamed.get(name, name)]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._conductor.known, **self._values})

    def __len__(self) -> int:
        return sum(1 for _ in self)

"""`grade spec explain`: what will be sent and what is expected, line by line, in words. Nothing is started.

The instructor reads back what was written: ready-made checks written out, joins counted, every name and placeholder
explained. The lines are those of the check that would be run, not of the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from grader.model import Check, Line, Spec, Verb
from grader.model.scripts import Option, Repeat, Step
from grader.report.sums import plain
from grader.spec import acts
from grader.wire.match import TemplateError
from grader.wire.parts import What
from grader.wire.phrases import Phrases
from grader.words.sentences import Sentences

VERBS = {
    Verb.SEND: "send", Verb.SEND_RAW: "send", Verb.EXPECT: "receive", Verb.EXPECT_MAYBE: "maybe", Verb.EXPECT_RAW: "receive",
    Verb.SKIPS_TO: "skips",
}  # fmt: skip


class Explainer:
    """A spec in the words of one language."""

    def __init__(self, spec: Spec, say: Sentences) -> None:
        self._spec, self._say = spec, say
        self._said: set[str] = set()

    def lines(self, checks: Sequence[Check]) -> Iterator[str]:
        """The whole explanation."""
        say, spec = self._say.say, self._spec
        yield self._say.text(spec.title, spec.language)
        total = plain(round(sum(c.points for c in spec.checks if not c.bonus), 2))
        yield say("explain.whole", count=len(spec.checks), points=total)
        yield say("explain.server", run=spec.server.run, build=spec.server.build)
        for role in spec.roles:
            if role.program is not None:
                kind = "explain.further" if role.serves else "explain.program"
                yield say(kind, who=list(role.played_by), run=role.program.run)
            elif role.carries:
                yield say("explain.carries", who=role.name, name=f"<port-of-{role.name}>")
            elif role.called:
                yield say("explain.called", who=list(role.played_by), name=f"<port-of-{role.name}>")
        for check in checks:
            yield ""
            yield from self._check(check)

    def _check(self, check: Check) -> Iterator[str]:
        say = self._say.say
        title = self._say.text(check.title, self._spec.language)
        yield f"{check.id} · {title} · {self._worth(check)}"
        said = [
            self._say.text(check.requirement, self._spec.language),
            say("explain.needs", ids=list(check.needs)) if check.needs else "",
            say("explain.gate", most=plain(check.gate)) if check.gate is not None else "",
            say("explain.hidden") if check.hidden else "",
            say("explain.race", attempts=check.attempts) if check.race else "",
            say("explain.joined", who=list(check.clients)) if check.clients else "",
        ]
        yield from (f"  {one}" for one in said if one)
        number, block = 0, None
        self._said.clear()
        for line in check.play:
            if line.part == "join" or line.verb is Verb.SETTLES:
                continue
            if line.block != block and line.block is not None:
                yield f"  {say('explain.together' if line.block.kind == 'together' else 'explain.any-order')}"
            block, number = line.block, number + 1
            yield f"  {'  ' * (block is not None)}{number:>3}. {self._line(line)}"
        yield from self._script(check.script, number)
        yield from (f"  {one}" for one in self._end(check))

    def _script(self, script: Sequence[Step | Repeat], number: int) -> Iterator[str]:
        """The lines that are made while the play runs; what stands in a loop is numbered once."""
        for node in script:
            inside = isinstance(node, Repeat)
            if isinstance(node, Repeat):
                yield f"  {self._say.say('explain.until' if node.until else 'explain.repeat', count=node.most)}"
            for step in node.steps if isinstance(node, Repeat) else (node,):
                number += 1
                yield f"  {'  ' * inside}{number:>3}. {self._step(step)}"

    def _step(self, step: Step) -> str:
        if step.line is None:
            return "; ".join(f"{name} = {written}" for name, written in step.sets)
        if not step.options:
            return self._line(step.line)
        lines = [
            self._line(replace(step.line, argument=option.pattern)) + f" -> {_follows(option)}"
            for option in step.options
        ]
        return "\n         ".join(lines)

    def _worth(self, check: Check) -> str:
        if check.penalty:
            return self._say.say("explain.penalty", points=plain(check.penalty))
        key = "explain.bonus" if check.bonus else "explain.points"
        return self._say.say(key, points=plain(check.points))

    def _line(self, line: Line) -> str:
        """One line: who does what, how often, when, and what its placeholders stand for."""
        say = self._say.say
        verb = f"sides.verb.{VERBS.get(line.verb, line.verb.value.replace(' ', '-'))}"
        joins = line.verb is Verb.CONNECTS and line.text.rstrip().endswith(("(joins)", "(entra)"))
        verb = "sides.verb.joins" if joins else verb
        done = say(verb, who=list(line.who)) if self._say.has(verb) else line.text
        said = [done]
        if line.verb in {*VERBS}:
            raw = line.verb in acts.RAW
            text = self._say.quote(line.argument) if line.argument else say("explain.empty")
            said.append(say("explain.bytes", text=text) if raw else text)
        elif line.argument:
            said.append(line.argument)
        if line.times > 1:
            said.append(say("explain.times", count=line.times))
        if line.within is not None:
            least, most = line.within
            said.append(say("explain.within", least=_ms(least), most=_ms(most)))
        if line.verb in acts.EXPECTS and line.verb is not Verb.EXPECT_RAW and "|" in line.argument:
            said.append(say("explain.either"))
        notes = [note for note in dict.fromkeys(self._notes(line)) if note not in self._said]
        self._said.update(notes)
        return f"{' '.join(said)}.{' ' if notes else ''}{' '.join(notes)}"

    def _notes(self, line: Line) -> Iterator[str]:
        """What the placeholders of a line stand for."""
        if line.verb not in {*VERBS}:
            return
        try:
            phrases = Phrases(self._spec.protocol_of(line.who[0]), self._spec.dialect.words)
            parts = phrases.parse(line.argument, raw=line.verb in acts.RAW).parts
        except TemplateError:
            return
        for part in parts:
            if part.what is What.NAME:
                key = "explain.word" if part.text in self._spec.dialect.words else "explain.name"
                regex = self._spec.dialect.words.get(part.text)
                yield self._say.say(key, name=f"<{part.text}>", regex=regex)
            elif self._say.has(f"explain.part.{part.what.name.lower()}"):
                yield self._say.say(f"explain.part.{part.what.name.lower()}", size=part.size, text=part.text)

    def _end(self, check: Check) -> Iterator[str]:
        say = self._say.say
        if check.same_as_reference:
            yield say("explain.same")
        if check.laws:
            yield say("explain.laws", laws=list(check.laws))
        yield say("explain.end-allowed" if check.leftovers_allowed else "explain.end")
        if check.ignore:
            yield say("explain.ignored", texts=list(check.ignore))


def _follows(option: Option) -> str:
    return "done" if option.ends else "; ".join(f"{name} = {written}" for name, written in option.sets)


def _ms(seconds: float | None) -> int | None:
    return None if seconds is None or seconds == 0 else round(seconds * 1000)

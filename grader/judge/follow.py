"""Which received message meets which expectation of the play.

The same code follows a play while it runs (the conductor asks whether it may go on) and afterwards (the judge asks what
was met), so the two can't disagree. It is fed events in their order, keeps an inbox for each client, and takes messages
out of the inboxes as the play's lines are reached.

Not in the inbox are: lines that break a law which some check of the spec carries (they are set aside, and cost only
that check), and lines that the check ignores.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from grader.judge.laws import Breach, LawWatch
from grader.judge.order import Group, groups
from grader.model import Check, Event, Kind, Line, Spec, Verb
from grader.wire.framing import FRAMINGS
from grader.wire.match import Fit, Template


class Met(StrEnum):
    """How far an expectation has got."""

    YES = "yes"
    OPEN = "open"
    MISFIT = "misfit"
    """The client's next message is there, and it is not what the play expects."""


@dataclass(frozen=True, slots=True)
class Message:
    """A received message: the index of its event, and its text without the end."""

    index: int
    text: str
    whole: str


class Follow:
    """Follows one check's play. `known` holds the values captured so far, `step_of` the line that each message met."""

    def __init__(self, check: Check, spec: Spec, seed: int) -> None:
        self.known: dict[str, str] = {}
        self.step_of: dict[int, int] = {}
        self.inboxes: dict[str, list[Message]] = {}
        self.set_aside: list[tuple[int, Breach]] = []
        self.misfits: dict[str, Message] = {}
        self._seed = seed
        self._words = spec.dialect.words
        self._templates: dict[tuple[str, bool], Template] = {}
        self._framing = FRAMINGS.get(spec.framing)()
        self._encoding = spec.encoding
        self._ignored = [self._template(pattern) for pattern in check.ignore]
        self._groups = groups(check.play)
        self._reached: dict[str, int] = {}
        self._done: dict[str, set[tuple[int, int]]] = {}
        self._pairs: dict[int, dict[int, int]] = {}
        self._heard: dict[int, list[Message]] = {}
        self._literal: dict[int, dict[str, list[int]]] = {}
        expected = [
            self._template(line.argument, raw=line.verb is Verb.EXPECT_RAW)
            for line in {(line.argument, line.verb): line for line in check.play}.values()
            if line.verb in (Verb.EXPECT, Verb.EXPECT_MAYBE, Verb.EXPECT_RAW, Verb.SKIPS_TO)
        ]
        self.laws = LawWatch(spec, expected, seed)

    def feed(self, index: int, event: Event) -> None:
        """Take in the next event."""
        text = self._text(event.data) if event.kind is Kind.RECEIVED else ""
        breaches = self.laws.see(index, event, text)
        if event.kind is Kind.CONNECTED:
            self.inboxes.pop(event.who, None)  # what the old connection had not read went with it
            self.misfits.pop(event.who, None)
        if event.kind is not Kind.RECEIVED:
            return
        aside = [b for b in breaches if b.set_aside]
        if aside:
            self.set_aside += [(index, b) for b in aside]
        elif not any(isinstance(t.fit(text, self.known, seed=self._seed), Fit) for t in self._ignored):
            message = Message(index, text, event.data.decode(self._encoding, "surrogateescape"))
            self.inboxes.setdefault(event.who, []).append(message)

    def meet(self, line: Line, who: str, *, final: bool = False) -> Met:
        """Whether this client's part of an expectation is met by now. `final`: nothing more will come."""
        self._advance(who, line.step, final=final)
        done = self._done.get(who, set())
        if line.times == 1 and (line.step, 1) in done:
            return Met.YES
        if line.times > 1 and all((line.step, n) in done for n in range(1, line.times + 1)):
            return Met.YES
        return Met.MISFIT if who in self.misfits else Met.OPEN

    def empty(self) -> None:
        """Forget every message that is there (after the implicit joins)."""
        self.inboxes.clear()
        self.misfits.clear()

    def waiting(self, who: str, *, until: int | None = None) -> list[Message]:
        """The messages in a client's inbox that no expectation has taken, up to an event's index."""
        return [m for m in self.inboxes.get(who, []) if until is None or m.index < until]

    def wanted(self, line: Line, who: str) -> str:
        """The text of the message that this line still waits for, with what is known filled in."""
        done = self._done.get(who, set())
        number = next((n for n in range(1, line.times + 1) if (line.step, n) not in done), line.times)
        if "<long " in line.argument or "<random " in line.argument:
            return line.argument.replace("<i>", str(number))  # hundreds of arbitrary characters tell nobody anything
        try:
            return self.template(line).fill(self.known, number=number, seed=self._seed)
        except (KeyError, ValueError):
            return line.argument  # it asks for any text, or for a value that nobody has named yet

    def template(self, line: Line) -> Template:
        """The parsed text of a line."""
        return self._template(line.argument, raw=line.verb in (Verb.EXPECT_RAW, Verb.SEND_RAW))

    def _template(self, source: str, *, raw: bool = False) -> Template:
        key = (source, raw)
        if key not in self._templates:
            self._templates[key] = Template.parse(source, self._words, raw=raw)
        return self._templates[key]

    def _text(self, data: bytes) -> str:
        return self._framing.strip(data).decode(self._encoding, "surrogateescape")

    def _advance(self, who: str, step: int, *, final: bool) -> None:
        """Meet this client's expectations in order, as far as its messages go, but none beyond the given step."""
        own = self._groups.get(who, [])
        at = self._reached.get(who, 0)
        while at < len(own) and own[at].slots[0][0].step <= step:
            group = own[at]
            finished = (
                self._in_order(who, group, step, final=final)
                if group.ordered
                else self._any_order(who, group, final=final)
            )
            if not finished:
                return
            at += 1
            self._reached[who] = at

    def _in_order(self, who: str, group: Group, step: int, *, final: bool) -> bool:
        done = self._done.setdefault(who, set())
        inbox = self.inboxes.setdefault(who, [])
        taken = 0
        try:
            for line, number in group.slots:
                if (line.step, number) in done:
                    continue
                if line.step > step:
                    return False
                optional = line.verb is Verb.EXPECT_MAYBE
                while taken < len(inbox):
                    fit = self._fit(line, number, inbox[taken])
                    if isinstance(fit, Fit):
                        self.known.update(fit.captures)
                        self.step_of[inbox[taken].index] = line.step
                        taken += 1
                        done.add((line.step, number))
                        break
                    if line.verb is not Verb.SKIPS_TO:
                        break
                    taken += 1
                if (line.step, number) in done:
                    continue
                if optional and (final or taken < len(inbox)):
                    done.add((line.step, number))
                    continue
                if taken < len(inbox):
                    self.misfits[who] = inbox[taken]
                return False
        finally:
            del inbox[:taken]
        return True

    def _any_order(self, who: str, group: Group, *, final: bool) -> bool:
        """Pair messages with slots, as a whole: a message may take a slot from another that has a different one to go to."""
        inbox = self.inboxes.setdefault(who, [])
        pairs = self._pairs.setdefault(id(group), {})  # slot -> position in `heard`
        heard = self._heard.setdefault(id(group), [])
        must = [s for s, (line, _) in enumerate(group.slots) if line.verb is not Verb.EXPECT_MAYBE]
        skipping = [s for s in must if group.slots[s][0].verb is Verb.SKIPS_TO]
        stuck = False
        while inbox and len(pairs) < len(group.slots) and not stuck:
            if self._takes(group, heard, inbox[0], pairs) or any(s not in pairs for s in skipping):
                inbox.pop(0)
            else:
                stuck = True
        met = len(pairs) == len(group.slots) or (all(s in pairs for s in must) and (final or stuck))
        if stuck and not met:
            self.misfits[who] = inbox[0]
        self._settle_pairs(who, group, heard, pairs, met=met)
        return met

    def _takes(self, group: Group, heard: list[Message], message: Message, pairs: dict[int, int]) -> bool:
        heard.append(message)
        free = self._free_literals(group).get(message.text)
        if free:
            # Only this text fits such a slot, so whoever else could take it would do no better elsewhere.
            pairs[free.pop()] = len(heard) - 1
            return True
        if self._place(group, heard, len(heard) - 1, pairs):
            return True
        heard.pop()
        return False

    def _settle_pairs(self, who: str, group: Group, heard: list[Message], pairs: dict[int, int], *, met: bool) -> None:
        """What is paired is met; when the whole group is, what may come has had its chance, and captures are known."""
        done = self._done.setdefault(who, set())
        for slot, (line, number) in enumerate(group.slots):
            if slot in pairs:
                done.add((line.step, number))
                self.step_of[heard[pairs[slot]].index] = line.step
                if (
                    met
                    and not self.template(line).literal
                    and isinstance(fit := self._fit(line, number, heard[pairs[slot]]), Fit)
                ):
                    self.known.update(fit.captures)
            elif met:
                done.add((line.step, number))

    def _place(self, group: Group, heard: list[Message], at: int, pairs: dict[int, int]) -> bool:
        """Find a slot for a message, moving others where that frees one (an augmenting path, breadth first)."""
        came_from: dict[
            int, tuple[int, int | None]
        ] = {}  # slot -> the message that wants it, the slot that one gave up
        queue: list[tuple[int, int | None]] = [(at, None)]
        for message, given_up in queue:
            fitting = [
                s
                for s, (line, n) in enumerate(group.slots)
                if s not in came_from and isinstance(self._fit(line, n, heard[message]), Fit)
            ]
            for slot in sorted(fitting, key=pairs.__contains__):
                came_from[slot] = (message, given_up)
                if slot in pairs:
                    queue.append((pairs[slot], slot))
                    continue
                free: int | None = slot
                while free is not None:
                    pairs[free], free = came_from[free]
                return True
        return False

    def _free_literals(self, group: Group) -> dict[str, list[int]]:
        """The slots of a group that ask for one text and no other, and are still free, by that text."""
        if id(group) not in self._literal:
            found: dict[str, list[int]] = {}
            for slot in reversed(range(len(group.slots))):
                line = group.slots[slot][0]
                if line.verb is not Verb.EXPECT_RAW and self.template(line).literal:
                    found.setdefault(self.template(line).fill({}), []).append(slot)
            self._literal[id(group)] = found
        return self._literal[id(group)]

    def _fit(self, line: Line, number: int, message: Message) -> object:
        text = message.whole if line.verb is Verb.EXPECT_RAW else message.text
        return self.template(line).fit(text, self.known, number=number, seed=self._seed)

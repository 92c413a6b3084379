"""Which received message meets which expectation of the play.

The same code follows a play while it runs (the conductor asks whether it may go on) and afterwards (the judge asks what
was met), so the two can't disagree. It is fed events in their order, keeps an inbox for each client, and takes messages
out of the inboxes as the play's lines are reached.

Not in the inbox are: lines that break a law which some check of the spec carries (they are set aside, and cost only
that check), and lines that the check ignores.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from grader.judge.console import STREAMS, Console
from grader.judge.laws import Breach, LawWatch
from grader.judge.order import Group, groups
from grader.judge.pairing import Message, Pairing, skipped
from grader.judge.ports import own_port
from grader.judge.speech import Speech
from grader.model import SERVER, Check, Event, Kind, Line, Spec, Verb
from grader.model.roles import port_of
from grader.wire.framing import Broken
from grader.wire.match import Fit, Misfit
from grader.wire.phrases import Phrase

# To look one of these up in its enum takes longer than all that is done with it.
RECEIVED, CONNECTED = Kind.RECEIVED, Kind.CONNECTED
new = tuple.__new__  # what a class of named values does itself takes twice as long
EXPECT_MAYBE, EXPECT_RAW, SKIPS_TO = Verb.EXPECT_MAYBE, Verb.EXPECT_RAW, Verb.SKIPS_TO


class Met(StrEnum):
    """How far an expectation has got."""

    YES = "yes"
    OPEN = "open"
    MISFIT = "misfit"
    """The client's next message is there, and it is not what the play expects."""


class Follow:
    """Follows one check's play. `known` holds the values captured so far, `step_of` the line that each message met."""

    def __init__(self, check: Check, spec: Spec, seed: int) -> None:
        self.known: dict[str, str] = dict(spec.files)
        self.step_of: dict[int, int] = {}
        self.inboxes: dict[str, list[Message]] = {}
        self.set_aside: list[tuple[int, Breach]] = []
        self.misfits: dict[str, Message] = {}
        self._seed = seed
        self._programs = frozenset(spec.programs)
        self._speech = speech = Speech(spec)
        self._texts, self._mixed = speech.ordinary, bool(spec.roles)
        self._anywhere = spec.discover
        self._ignored = [speech.of_all(pattern) for pattern in check.ignore]
        self._groups = groups(check.play)
        self._reached: dict[str, int] = {}
        self._done: dict[str, set[tuple[int, int]]] = {}
        self._pairings: dict[int, Pairing] = {}
        self._console = Console()
        self._expected = expected = [
            speech.template(line)
            for line in {(x.argument, x.verb): x for x in check.play if not speech.differs(x.who[0])}.values()
            if line.verb in (Verb.EXPECT, EXPECT_MAYBE, EXPECT_RAW, SKIPS_TO)
        ]
        self.laws = LawWatch(spec, expected, seed)

    def extend(self, lines: Sequence[Line]) -> None:
        """Lines that a check in Python adds to its play while it runs."""
        for who, more in groups(tuple(lines)).items():
            self._groups = {**self._groups, who: [*self._groups.get(who, ()), *more]}
        self._expected += [
            self.template(line)
            for line in lines
            if line.verb in (Verb.EXPECT, SKIPS_TO) and not self._speech.differs(line.who[0])
        ]

    def feed(self, index: int, event: Event) -> None:
        """Take in the next event. A crowd brings tens of thousands, each of them twice: here, every step counts."""
        _, who, kind, data, note, _, _, _ = event
        if kind is not RECEIVED:
            self._feed_other(index, event)
            return
        mixed, laws = self._mixed, self.laws
        text, whole = (not mixed and self._texts.get(data)) or self._speech.read(data, who)
        if note and (broken := Broken.read(note)):
            self.inboxes.setdefault(who, []).append(Message(index, text, whole, broken))
            return
        if not (data in laws.harmless and who in laws.named) and not (mixed and self._speech.differs(who)):
            breaches = laws.see(index, event, text)
            if breaches and (aside := [b for b in breaches if b.set_aside]):
                self.set_aside += [(index, b) for b in aside]
                return
        if self._ignored and any(t.match(text, self.known, seed=self._seed) is not None for t in self._ignored):
            return
        self.inboxes.setdefault(who, []).append(new(Message, (index, text, whole, None)))

    def _feed_other(self, index: int, event: Event) -> None:
        """Take in what is no message from the server to a client."""
        if event.kind in STREAMS:
            if SERVER in self._groups:
                self.inboxes.setdefault(SERVER, []).extend(self._console.feed(index, event))
            return
        if event.kind is Kind.NOTED and (port := own_port(event.note)):
            self.known[port_of(event.who)] = port
        if not (self._mixed and self._speech.differs(event.who)):
            self.laws.see(index, event, "")
        if event.kind is CONNECTED:
            self.inboxes.pop(event.who, None)  # what the old connection had not read went with it
            self.misfits.pop(event.who, None)

    def text_at(self, data: bytes, who: str) -> str:
        """A message as a play writes it."""
        return self._speech.read(data, who)[0]

    def meet(self, line: Line, who: str, *, final: bool = False) -> Met:
        """Whether this client's part of an expectation is met by now. `final`: nothing more will come."""
        if line.times == 1 and (line.step, 1) in self._done.get(who, ()):
            return Met.YES
        self._advance(who, line.step, final=final)
        done = self._done.get(who, set())
        if line.times == 1 and (line.step, 1) in done:
            return Met.YES
        if line.times > 1 and all((line.step, n) in done for n in range(1, line.times + 1)):
            return Met.YES
        return Met.MISFIT if who in self.misfits else Met.OPEN

    def _prints(self, group: Group, step: int) -> bool:
        """Take a line that the server has printed, any that fits: its streams and threads print in no certain order."""
        inbox, done = self.inboxes.setdefault(SERVER, []), self._done.setdefault(SERVER, set())
        for line, number in group.slots:
            if (line.step, number) in done:
                continue
            if line.step > step:
                return False
            unended = self._console.unended()  # a prompt ends no line
            for message in [*inbox, *unended.values()]:
                captures = self._captures(line, number, message)
                if captures is not None:
                    self.known.update(captures)
                    self.step_of[message.at] = line.step
                    done.add((line.step, number))
                    if message in inbox:
                        inbox.remove(message)
                    else:
                        self._console.take(message)
                    break
            else:
                return False
        return True

    def empty(self, only: Sequence[str] = (), *, until: int | None = None) -> None:
        """Forget every message that is there, of all or of some clients, up to an event's index. A stream that broke stays broken."""
        for who, inbox in self.inboxes.items():
            if who != SERVER and (who in only or not only):
                self.inboxes[who] = [m for m in inbox if m.broken or (until is not None and m.at > until)]
                self.misfits.pop(who, None)

    def waiting(self, who: str, *, until: int | None = None) -> list[Message]:
        """The messages in a client's inbox that no expectation has taken, up to an event's index."""
        found = [m for m in self.inboxes.get(who, []) if until is None or m.at < until]
        if who in self._programs:  # a prompt is no message
            return [m for m in found if m.whole.endswith("\n") and m.text.strip()]
        return found

    @property
    def printed(self) -> list[str]:
        """The last lines that the server has printed."""
        return self._console.last

    def wanted(self, line: Line, who: str) -> str:
        """The text of the message that this line still waits for, with what is known filled in."""
        done = self._done.get(who, set())
        number = next((n for n in range(1, line.times + 1) if (line.step, n) not in done), line.times)
        if self._anywhere:  # what stands around a text is nobody's affair
            return line.argument.replace("<i>", str(number)).replace("\\", "").strip("<*>").replace("<*>", " … ")
        if "<long " in line.argument or "<random " in line.argument:
            return line.argument.replace("<i>", str(number))  # hundreds of arbitrary characters tell nobody anything
        try:
            return self.template(line).fill(self.known, number=number, seed=self._seed)
        except (KeyError, ValueError):
            return line.argument  # it asks for any text, or for a value that nobody has named yet

    def why(self, line: Line, who: str, message: Message) -> Misfit | None:
        """Why a message does not fit the line that waits for it."""
        done = self._done.get(who, set())
        number = next((n for n in range(1, line.times + 1) if (line.step, n) not in done), line.times)
        text = message.whole if line.verb is EXPECT_RAW else message.text
        fit = self.template(line).fit(text, self.known, number=number, seed=self._seed)
        return None if isinstance(fit, Fit) else fit

    def template(self, line: Line) -> Phrase:
        """The parsed text of a line."""
        return self._speech.template(line)

    def _advance(self, who: str, step: int, *, final: bool) -> None:
        """Meet this client's expectations in order, as far as its messages go, but none beyond the given step."""
        own = self._groups.get(who, [])
        at = self._reached.get(who, 0)
        while at < len(own) and own[at].slots[0][0].step <= step:
            group = own[at]
            finished = (
                self._prints(group, step)
                if who == SERVER
                else (
                    self._in_order(who, group, step, final=final)
                    if group.ordered
                    else self._any_order(who, group, final=final)
                )
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
                optional = line.verb is EXPECT_MAYBE
                if line.verb is SKIPS_TO:
                    taken = skipped(inbox, self.template(line), taken)
                while taken < len(inbox):
                    captures = self._captures(line, number, inbox[taken])
                    if captures is not None:
                        self.known.update(captures)
                        self.step_of[inbox[taken].at] = line.step
                        taken += 1
                        done.add((line.step, number))
                        break
                    if (line.verb is not SKIPS_TO and who not in self._programs) or inbox[taken].broken:
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
        """Pair messages with places as they come. When the group is met, what may come has had its chance."""
        inbox = self.inboxes.setdefault(who, [])
        done = self._done.setdefault(who, set())
        pairing = self._pairing(group)
        taken = 0
        while taken < len(inbox) and not pairing.full and not inbox[taken].broken:
            if not (pairing.takes(inbox[taken]) or pairing.passing):
                break
            taken += 1
        stuck = taken < len(inbox) and not pairing.full
        del inbox[:taken]
        met = pairing.full or ((final or stuck) and pairing.enough)
        if stuck and not met:
            self.misfits[who] = inbox[0]
        if not taken and not met:
            return False
        for slot, (line, number) in enumerate(group.slots):
            if slot in pairing.pairs:
                message = pairing.heard[pairing.pairs[slot]]
                done.add((line.step, number))
                self.step_of[message.at] = line.step
                if met and pairing.literals[slot] is None:
                    self.known.update(self._captures(line, number, message) or {})
            elif met:
                done.add((line.step, number))
        return met

    def _pairing(self, group: Group) -> Pairing:
        if id(group) in self._pairings:
            return self._pairings[id(group)]
        verbs = [line.verb for line, _ in group.slots]
        templates = [None if line.verb is EXPECT_RAW else self.template(line) for line, _ in group.slots]
        made = self._pairings[id(group)] = Pairing(
            [t.fill({}) if t is not None and t.literal else None for t in templates],
            lambda slot, message: self._captures(*group.slots[slot], message) is not None,
            may={slot for slot, verb in enumerate(verbs) if verb is EXPECT_MAYBE},
            skipping={slot for slot, verb in enumerate(verbs) if verb is SKIPS_TO},
        )
        return made

    def _captures(self, line: Line, number: int, message: Message) -> Mapping[str, str] | None:
        """The names that get a value if this message meets the line, or None if it does not."""
        if message.broken is not None:
            return None
        text = message.whole if line.verb is EXPECT_RAW else message.text
        return self.template(line).match(text, self.known, number=number, seed=self._seed)

r"""The transcript grammar: a play, line by line, as it stands under `play: |`.

    line    =  who mark [" " text] | who "(" act ")" | "together:" | "any order:" | "#" anything
    who     =  name {"," name} ;  a name may be a range, c1..c200
    who     =  "all"  ;  the clients that have joined before the play begins
    mark    =  ">"  ">>"  "<"  "<?"  "<<"  ;  the first on the line wins: `ana > a < b` sends "a < b"
    text    =  a phrase (see `wire.phrases`), perhaps with an ending (see `endings`): "  200 times"

One space after the mark is eaten and the rest is text. What can't be seen can't be meant: spaces at the end of a line
and tabs before it are complaints. A line is read on its own here; whether it makes sense after those above it is
judged by `sense`. Every line that can't be read is a complaint, and reading goes on with the next.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from grader.model import SERVER, Block, Line, Protocol, Verb, spanish
from grader.model.scripts import Sets
from grader.spec import acts
from grader.spec.arguments import wrong_argument, wrong_place, wrong_way_in
from grader.spec.complaints import Spot, joined, listed, shown
from grader.spec.endings import Ending, read_ending
from grader.spec.keys import Reading
from grader.spec.loops import KIND, Arrow, Heading, Said, arrow, assignment, heading
from grader.spec.names import ALL, read_names
from grader.spec.phrase_reader import PhraseReader
from grader.wire.match import TemplateError
from grader.wire.phrases import Phrase

Where = Callable[[int, str], Spot]
"""Where line number n (from 0) of a text stands in the file."""

BLOCKS = ("together:", "any order:")
MOST_LINES = 5_000
MOST_NAMES = 200_000
"""Clients named by all lines of one play together: ranges make it easy to write very many."""

_MARK_OR_ACT = re.compile(r"[<>(]")
_MARK = re.compile(r">>|>|<<|<\?|<")


@dataclass(frozen=True, slots=True)
class Written:
    """A line that could be read, where it stands, and its template with the place where that begins."""

    line: Line
    spot: Spot
    template: Phrase | None = None
    argument_at: int = 0
    repeated: bool = False
    loop: Heading | None = None
    sets: Sets = ()
    arrow: Arrow | None = None

    @property
    def said(self) -> Said:
        """What a script needs of it."""
        return Said(self.line, self.template, self.loop, self.sets, self.arrow)


@dataclass(frozen=True, slots=True)
class _Start:
    """What a line begins with: its text, who acts, and where the mark or the parenthesis stands."""

    text: str
    who: tuple[str, ...]
    at: int
    spot: Spot


def parse_play(
    text: str, where: Where, reading: Reading, allowed: tuple[str, ...] = (SERVER,), everybody: tuple[str, ...] = ()
) -> list[Written]:
    """The lines of a play that could be read. `allowed` are the reserved names that may act in it.

    `all` are `everybody`: the clients that have joined before the play begins.
    """
    return _Play(where, reading, (*allowed, ALL) if everybody else allowed, everybody).read(text)


class _Play:
    def __init__(self, where: Where, reading: Reading, allowed: tuple[str, ...], everybody: tuple[str, ...]) -> None:
        self._everybody = everybody
        self._where = where
        self._complaints = reading.complaints
        self._reading = reading
        self._readers: dict[Protocol, PhraseReader] = {}
        self._allowed = allowed
        self._written: list[Written] = []
        self._block: Block | None = None
        self._block_spot: Spot | None = None
        self._loop: Heading | None = None
        self._indentation = 0
        self._blocks = 0
        self._names = 0

    def read(self, text: str) -> list[Written]:
        lines = text.split("\n")
        if len(lines) > MOST_LINES:
            self._complaints.add(self._where(0, lines[0]).place, f"A play has at most {MOST_LINES} lines.")
        for number, line in enumerate(lines[:MOST_LINES]):
            if line.strip() and not line.lstrip().startswith("#"):
                self._read_line(line, self._where(number, line))
            if self._complaints.full or self._names > MOST_NAMES:
                break
        self._end_block()
        return self._written

    def _read_line(self, raw: str, margin: Spot) -> None:
        body = raw.lstrip()
        indentation = len(raw) - len(body)
        text = body.rstrip()
        spot = Spot(margin.at(indentation), margin.exact)
        if "\t" in raw[:indentation]:
            self._complaints.add(margin.place, "A tab stands before this line.", "Indent with spaces.")
            return
        if text != body:
            message = "Spaces at the end of a line can't be seen."
            self._complaints.add(spot.at(len(text)), message, r"Remove them, or write \s for a space.")
        if not indentation:
            self._end_block()
        elif not self._stands_in_block(indentation, spot):
            return
        if (group := spanish.GROUPS.get(spanish.fold(text), text)) in BLOCKS:
            self._begin_block(group, spot, inside=bool(indentation))
        elif (loop := heading(text, spot, self._complaints)) is not None:
            self._begin_block(f"{KIND}:", spot, inside=bool(indentation))
            self._loop = replace(loop, number=self._blocks)
        elif (sets := assignment(text, spot, self._complaints)) is not None:
            line = Line(0, text, (), Verb.LET, block=self._block, place=spot.place)
            self._written += [Written(line, spot, loop=self._loop, sets=sets)] if sets else []
        elif (start := self._start(text, spot)) is not None:
            written = self._act(start) if text[start.at] == "(" else self._speech(start)
            self._written += [replace(written, loop=self._loop)] if written else []

    # Groups: `together:` and `any order:` with the lines indented under them.

    def _begin_block(self, text: str, spot: Spot, *, inside: bool) -> None:
        if inside:
            self._complaints.add(spot.place, f"`{text}` can't stand inside another group.", "Begin it at the left.")
            return
        self._blocks += 1
        self._block, self._block_spot, self._indentation = Block(text[:-1], self._blocks), spot, 0

    def _end_block(self) -> None:
        if self._block and self._block_spot and not self._indentation:
            message = f"No line stands under `{self._block.kind}:`."
            self._complaints.add(self._block_spot.place, message, "Indent the lines that belong to it.")
        self._block = self._loop = None

    def _stands_in_block(self, indentation: int, spot: Spot) -> bool:
        if self._block is None:
            hint = "Only lines under `together:`, `any order:` and `repeat` are indented."
            self._complaints.add(spot.place, "This line is indented and stands under no group.", hint)
            return False
        self._indentation = self._indentation or indentation
        if indentation != self._indentation:
            self._complaints.add(spot.place, "This line does not line up with the others of its group.")
        return True

    # Lines

    def _start(self, text: str, spot: Spot) -> _Start | None:
        found = _MARK_OR_ACT.search(text)
        if found is None:
            otherwise = "Write `ana > text`, `ana < text` or `ana (act)`."
            group = text if text.endswith(":") else f"{text}:"
            more = spanish.of(BLOCKS, spanish.GROUPS)
            self._complaints.unknown(spot.place, f"{shown(text)} is no line of a play.", group, BLOCKS, otherwise, more)
            return None
        who = read_names(text[: found.start()], spot, self._complaints, self._allowed)
        who = self._everybody if who == (ALL,) else who
        self._names += len(who or ())
        if self._names > MOST_NAMES:
            self._complaints.add(spot.place, f"The lines up to this one name more than {MOST_NAMES} clients.")
        return None if who is None else _Start(text, who, found.start(), spot)

    def _act(self, start: _Start) -> Written | None:
        text, at, place = start.text, start.at, start.spot.at(start.at)
        if not text.endswith(")"):
            message = "An act ends with its parenthesis, and nothing follows."
            self._complaints.add(place, message, "A comment stands on a line of its own.")
            return None
        said = text[at + 1 : -1].strip()
        act = acts.singular(spanish.act(said))
        known = acts.SERVER_ACTS if start.who == (SERVER,) else acts.CLIENT_ACTS
        name = next((name for name in known if act == name or act.startswith(f"{name} ")), None)
        verb = known[name] if name else None
        argument = act[len(name) :].strip() if name else ""
        if name is None or verb is None or (argument and verb not in acts.WITH_ARGUMENT):
            self._unknown_act(said, start, known)
            return None
        argument_at = text.rindex(argument) if argument else at + len(said) + 2
        if verb in acts.WITH_SIGNAL and argument not in acts.SIGNALS:
            message, otherwise = f"{shown(argument)} is no signal that can be sent.", f"Write {listed(acts.SIGNALS)}."
            self._complaints.unknown(start.spot.at(argument_at), message, argument, acts.SIGNALS, otherwise)
            return None
        if verb in acts.WITH_PLACE and argument:
            argument = re.sub("^(?:to|a) +", "", argument)
            argument_at = text.rindex(argument)
            if "<" in argument:
                return self._with_template(start, verb, argument, argument_at, console=True)
            if (wrong := wrong_place(self._reading, name, argument)) is not None:
                self._complaints.add(start.spot.at(argument_at), wrong.message, wrong.hint)
                return None
        programs = set(start.who) & set(self._reading.programs)
        if start.who != (SERVER,) and verb in (acts.NOT_OF_PROGRAMS if programs else acts.OF_PROGRAMS):
            what = "is a program: ({}) is none of its acts" if programs else "is no program: ({}) is an act of programs"
            self._complaints.add(place, f"{(sorted(programs) or start.who)[0]} {what.format(name)}.")
            return None
        if (wrong := wrong_way_in(self._reading, start.who, verb, name)) is not None:
            self._complaints.add(place, wrong.message, wrong.hint)
            return None
        udp = self._protocol(start).transport == "udp"
        if start.who != (SERVER,) and verb in (acts.OF_CONNECTIONS if udp else acts.OF_DATAGRAMS):
            what = "connections, and there are none over UDP" if udp else "datagrams: it needs `transport: udp`"
            self._complaints.add(place, f"({name}) is of {what}.")
            return None
        if (wrong := wrong_argument(verb, name, argument)) is not None:
            self._complaints.add(start.spot.at(argument_at) if wrong.behind else place, wrong.message, wrong.hint)
            return None
        if verb is Verb.PRINTS and start.who != (SERVER,):
            verb = Verb.EXPECT  # what a client that is a program has on its screen
        if verb in acts.WITH_TEMPLATE or verb is Verb.EXPECT:
            return self._with_template(start, verb, argument, argument_at)
        if verb is Verb.STARTS and start.who != (SERVER,):
            verb = Verb.CONNECTS  # a program connects by being started
        return Written(self._line(start, verb, argument), start.spot, argument_at=argument_at)

    def _unknown_act(self, act: str, start: _Start, known: Mapping[str, Verb]) -> None:
        place = start.spot.at(start.at)
        whose = "the server" if known is acts.SERVER_ACTS else "a client"
        other = acts.CLIENT_ACTS if known is acts.SERVER_ACTS else acts.SERVER_ACTS
        said = spanish.act(act)
        if any(said == name or said.startswith(f"{name} ") for name in other):
            hint = f"These are: {', '.join(known)}."
            self._complaints.add(place, f"({act}) is not an act of {whose}.", hint)
        else:
            more, otherwise = spanish.of(known, spanish.ACTS), f"{', '.join(known)}."
            self._complaints.unknown(place, f"({act}) is not an act of {whose}.", act, known, otherwise, more)

    def _speech(self, start: _Start) -> Written | None:
        found = _MARK.match(start.text, start.at)
        mark = found[0] if found else ""
        place, end = start.spot.at(start.at), start.at + len(mark)
        if start.who == (SERVER,) and acts.MARKS[mark] is not Verb.SEND:
            hint = "What is typed is `server > text`, what it prints `server (prints text)`."
            self._complaints.add(place, f"`server {mark}` is no line of a play.", hint)
            return None
        if start.text[end : end + 1] not in {"", " "}:
            hint = f"Write `{start.text[:end].strip()} {start.text[end:]}`."
            self._complaints.add(place, f"A space belongs after {mark}.", hint)
            return None
        verb, text = acts.MARKS[mark], start.text[end + 1 :]
        behind = Spot(start.spot.at(end + 1), start.spot.exact)
        inside = self._loop is not None and verb is Verb.EXPECT
        text, follows = arrow(text, behind, self._complaints, inside=inside)
        ending = read_ending(text, verb, behind, self._complaints)
        written = self._with_template(start, verb, ending.text, end + 1, ending)
        return replace(written, arrow=follows) if written else None

    def _with_template(
        self, start: _Start, verb: Verb, argument: str, at: int, ending: Ending | None = None, *, console: bool = False
    ) -> Written | None:
        ending = ending or Ending(argument)
        if len({self._reading.protocol_of(who) for who in start.who}) > 1:
            hint = "Write a line for each of them."
            self._complaints.add(start.spot.place, f"{joined(start.who)} speak in different ways.", hint)
            return None
        try:
            reader = self._reader(self._protocol(start))
            template = reader.read(verb, argument, ending.times, console=console or start.who == (SERVER,))
        except TemplateError as error:
            self._complaints.add(start.spot.at(at + error.offset), error.message, error.hint)
            return None
        line = replace(self._line(start, verb, argument), times=ending.times, within=ending.within)
        return Written(line, start.spot, template, at, ending.repeated)

    def _protocol(self, start: _Start) -> Protocol:
        return self._reading.protocol_of(start.who[0])

    def _reader(self, protocol: Protocol) -> PhraseReader:
        if protocol not in self._readers:
            self._readers[protocol] = PhraseReader(self._reading, protocol)
        return self._readers[protocol]

    def _line(self, start: _Start, verb: Verb, argument: str) -> Line:
        return Line(0, start.text, start.who, verb, argument, block=self._block, place=start.spot.place)

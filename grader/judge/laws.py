"""The laws of a chat, held against everything that travels, whatever a check tests.

A law is a sentence that is true of every correct server at every moment: nobody hears an echo, a leave is announced once,
nobody who has not been welcomed hears the others. Laws are written with the dialect's words, so they hold for any course
that has these words. `LawWatch` sees every event in its order and names each line that breaks a law the moment it comes.
What can only be known at the end (a message lost, or out of order) stands in `after.py`.

A client whose own lines were not text, or too long, may be passed on, cut, replaced or dropped: no law is held against
what seems to come from it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from grader.model import Event, Facts, Kind, Spec
from grader.wire.dialect import Said, Wording
from grader.wire.framing import Framing
from grader.wire.framings import framing
from grader.wire.phrases import Phrase, Phrases

LONGEST_LINE = 4096
OVER = {Kind.CLOSED, Kind.CRASHED, Kind.HALF_CLOSED, Kind.SERVER_CLOSED, Kind.SERVER_RESET}
HARMLESS = {"joined", "also"}
"""Kinds of lines that whoever has been welcomed may hear at any time."""
REMEMBERED = 2000
OPENING = "protocol"
"""The note of what clients send that opens or closes a connection: it is no message of theirs."""
ACKNOWLEDGED = "acknowledged"
"""The note of what a client has answered by itself."""
_NOT_TEXT = re.compile("[\udc80-\udcff]")
RECEIVED, CONNECTED, SENT = Kind.RECEIVED, Kind.CONNECTED, Kind.SENT  # (see `judge/follow.py`)


@dataclass(frozen=True, slots=True)
class Breach:
    """One line that breaks a law: `law` as a spec names it, `code` of the finding, `who` received it.

    `set_aside`: another check's affair, so the line meets and fails nothing where it shows.
    """

    law: str
    code: str
    who: str
    facts: Facts
    set_aside: bool


@dataclass
class Voice:
    """What one client has said, and as whom."""

    framing: Framing
    name: str | None = None
    before: list[tuple[int, str]] = field(default_factory=list)
    said: list[tuple[int, str]] = field(default_factory=list)
    welcomed: int | None = None
    wild: bool = False
    frozen: bool = False
    crashed: bool = False
    over: bool = False
    heard: Counter[tuple[str, str]] = field(default_factory=Counter)
    lefts: Counter[str] = field(default_factory=Counter)


class LawWatch:
    """Sees events, keeps who is who, and finds the lines that break a law."""

    def __init__(self, spec: Spec, expected: Sequence[Phrase], seed: int) -> None:
        self.voices: dict[str, Voice] = {}
        self.past: list[Voice] = []
        """What clients that came back said on the connections before."""
        self.breaches: list[tuple[int, Breach]] = []
        self.heard: list[tuple[int, str, str, str]] = []
        """(event, receiver, author, text) of every chat line that somebody heard."""
        self.harmless: set[bytes] = set()
        """Received lines that break no law where whoever hears them has its name; most lines of a crowd are among them."""
        self.named: set[str] = set()
        """Clients that have been welcomed on the connection that they have now."""
        self._spec = spec
        self._framing = framing(spec.protocol)
        self._files = spec.files
        self._wording = _wording(spec)
        self._expected = expected
        self._seed = seed
        self._said: dict[str, Counter[str]] = {}
        self._commanded: set[tuple[str, str]] = set()  # (author, command): what was never meant for the others
        self._welcomes: Counter[str] = Counter()
        self._wild = False  # whether anybody has been; nearly always nobody has
        self._known: dict[bytes, tuple[Said | None, bool]] = {}
        self._active = spec.dialect.heard is not None and spec.dialect.welcome is not None

    def see(self, index: int, event: Event, text: str) -> list[Breach]:
        """Take in one event; the laws that it breaks, if it is a received line (`text` is the line without its end)."""
        if not self._active:
            ended = event.kind is RECEIVED and self._framing.odd_end(event.data)
            found = [_line_end(event.who, text)] if ended else []
            self.breaches += [(index, b) for b in found]
            return found
        voice = self.voices.get(event.who)
        if voice is None or event.kind is CONNECTED:
            self.past += [voice] if voice is not None else []
            self.named.discard(event.who)
            voice = self.voices[event.who] = Voice(framing(self._spec.protocol, sent=True))
        if event.kind is RECEIVED:
            found = self._hear(index, voice, event, text)
            if found:
                self.breaches += [(index, b) for b in found]
            return found
        if event.kind is SENT and event.note not in (OPENING, ACKNOWLEDGED):
            self._say(index, voice, event.data)
        elif event.kind is Kind.FROZEN:
            voice.frozen = True
        elif event.kind in OVER:
            voice.over = True
            voice.crashed = voice.crashed or event.kind is Kind.CRASHED
        return []

    def _say(self, index: int, voice: Voice, data: bytes) -> None:
        for raw in voice.framing.feed(data) or voice.framing.flush():
            text = voice.framing.text(raw)
            if len(raw) > LONGEST_LINE or not (text.isascii() or _NOT_TEXT.search(text) is None):
                voice.wild = self._wild = True
            if voice.name is None:
                voice.before.append((index, text))
            else:
                self._credit(voice, index, text)

    def _credit(self, voice: Voice, index: int, text: str) -> None:
        if self._wording.is_command(text):
            self._commanded.add((voice.name or "", text))
            return
        voice.said.append((index, text))
        said = self._said.get(voice.name or "")
        if said is None:
            said = self._said[voice.name or ""] = Counter()
        said[text] += 1

    def _welcome(self, index: int, voice: Voice, name: str) -> None:
        """The client has its name now; what it sent after the name, before it was told, was chat."""
        if voice.name is not None:
            return
        voice.name, voice.welcomed = name, index
        self._welcomes[name] += 1
        lines = [text for _, text in voice.before]
        after = voice.before[lines.index(name) + 1 :] if name in lines else []
        for at, text in after:
            self._credit(voice, at, text)

    def _breach(self, law: str, code: str, who: str, facts: Mapping[str, object]) -> Breach:
        return Breach(law, code, who, {"who": [who], **facts}, law in self._spec.carried)

    def _hear(self, index: int, voice: Voice, event: Event, text: str) -> list[Breach]:
        who, data = event.who, event.data
        said, odd = self._known.get(data) or self._know(data, text)
        found = [_line_end(who, text)] if odd else []
        if said is not None and said.kind == "welcome":
            if voice.name is not None:
                found.append(self._breach("one-welcome", "two-welcomes", who, {"got": [text]}))
            # Where the welcome does not name whom it welcomes, the first line of a client was its name.
            self._welcome(index, voice, said.name or next((text for _, text in voice.before), ""))
            self.named.add(who)
            return found
        if voice.name is None:
            if said is not None and self._is_traffic(said):
                found.append(self._breach("before-welcome", "before-welcome", who, {"got": [text]}))
            return found
        if said is not None and said.kind == "heard":
            found += self._chat(index, voice, who, said, text)
        elif said is not None and said.kind == "left":
            name = said.name
            voice.lefts[name] += 1
            if voice.lefts[name] > max(1, self._welcomes[name]):
                found.append(
                    self._breach("one-notice", "two-notices", who, {"about": name, "count": voice.lefts[name]})
                )
        elif said is None and not self._any_wild() and not self._is_expected(text):
            empty = self._wording.read(
                text + "x"
            )  # with a text behind it, would it be a message? Then its text is empty
            author = empty.name if empty is not None and empty.kind == "heard" and empty.text == "x" else ""
            found.append(
                self._passed_on(who, text) if (author, "") in self._commanded else self._strange(who, text, "")
            )
        return found

    def _know(self, data: bytes, text: str) -> tuple[Said | None, bool]:
        """The form of a line, and whether its end is odd; remembered, because a crowd hears the same line many times."""
        if len(self._known) > REMEMBERED:
            self._known.clear()
            self.harmless.clear()
        said, odd = known = self._known[data] = (self._wording.read(text), self._framing.odd_end(data))
        if said is not None and said.kind in HARMLESS and not odd:
            self.harmless.add(data)
        return known

    def _chat(self, index: int, voice: Voice, who: str, said: Said, line: str) -> list[Breach]:
        author, text = said.name, said.text
        if self._wild and any(v.wild for v in self.voices.values() if v.name == author):
            return []
        written = self._said[author][text] if author in self._said else 0
        if written <= voice.heard[author, text]:
            written += self._not_yet_welcome(author, text)
        if not written:
            if self._is_expected(line):
                return []
            if (author, text) in self._commanded:
                return [self._passed_on(who, line)]
            return [self._strange(who, line, author)]
        if author == voice.name:
            return [self._breach("echo", "echo", who, {"got": line, "count": 1})]
        voice.heard[author, text] += 1
        if voice.heard[author, text] > written:
            return [self._breach("doubled", "doubled", who, {"got": line, "count": voice.heard[author, text]})]
        self.heard.append((index, who, author, text))
        return []

    def _not_yet_welcome(self, author: str, text: str) -> int:
        """How often somebody said this behind this name, whose welcome we have not recorded: another thread reads that, and may be late."""
        said = 0
        for voice in self.voices.values():
            lines = [line for _, line in voice.before] if voice.name is None else []
            if author in lines and not self._wording.is_command(text):
                said += lines[lines.index(author) + 1 :].count(text)
        return said

    def _passed_on(self, who: str, line: str) -> Breach:
        return self._breach("commands", "command-passed-on", who, {"got": [line]})

    def _strange(self, who: str, line: str, author: str) -> Breach:
        """A line that nobody wrote: a piece of one that somebody did, or out of thin air."""
        pieces = set(self._said.get(author, ())) if author else {t for c in self._said.values() for t in c}
        text = line[line.index(": ") + 2 :] if author and ": " in line else line
        torn = bool(text) and any(text in whole or whole in text for whole in pieces if whole)
        law = "torn" if torn else "invented"
        return self._breach(law, law, who, {"got": [line]})

    def _is_traffic(self, said: Said) -> bool:
        return said.kind in ("joined", "heard", "left") or (said.kind == "also" and bool(said.name))

    def _is_expected(self, text: str) -> bool:
        return any(t.match(text, self._files, seed=self._seed) is not None for t in self._expected)

    def _any_wild(self) -> bool:
        return self._wild and any(v.wild for v in self.voices.values())


_KEPT: dict[int, tuple[Spec, Wording]] = {}


def _wording(spec: Spec) -> Wording:
    """A spec's dialect, ready to read: compiled once, as every attempt at every check is held against it twice."""
    known = _KEPT.get(id(spec))
    if known is None or known[0] is not spec:
        _KEPT.clear()
        known = _KEPT[id(spec)] = (spec, Wording(spec.dialect, Phrases(spec.protocol, spec.dialect.words)))
    return known[1]


def _line_end(who: str, text: str) -> Breach:
    """The end of a line changes nothing for anybody else: it is noted, and never set aside."""
    return Breach("line-end", "line-end", who, {"who": [who], "got": text}, set_aside=False)

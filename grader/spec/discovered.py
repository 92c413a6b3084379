r"""A spec for any protocol, put into the words of one server: what `dialect: discover` stands for, once it is known.

    as it is written                 for a server that asks NICK and passes on "ana: hola"
    ana (joins)                      ana (connects), ana >> ana, ana (still connected)
    ana > hola                       ana >> ana: hola
    ana >> ho|la\n                    ana >> ana: ho|la        (in two pieces; \n ends a message, so what follows is glued to it)
    beto < ana: hola                 beto (skips to <*>ana<*>hola<*>)
    beto < * caro left               beto (skips to <*>caro<*>left!<*>)

The lines of a play keep the text that the instructor wrote. A text is looked for inside whatever comes, so no decoration,
echo, clock or notice can hide it or fail it, and nothing is left over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import groupby

from grader.model import SERVER, Check, Learned, Line, Protocol, Spec, Verb
from grader.spec.pieces_sent import cut, raw
from grader.wire.envelope import enclosed, filled
from grader.wire.framings.heard import BETWEEN
from grader.wire.phrases import Phrases
from grader.wire.pieces import pieces

_HEARD = re.compile(r"(\w+): (.*)", re.DOTALL)
_NOTICE = re.compile(r"\* (\w+) (joined|left)")
COMES_IN = Line(0, "me (still connected)", ("me",), Verb.STILL_CONNECTED, part="join")
"""What stands for a client's coming in until it is known what that takes."""
GOODBYE = "/quit"
"""What a play says for the server's own word of goodbye, whatever that is."""
NUMBER = "\ue000"
"""Stands for `<i>`, which is filled in for each time, while the text around it is put into a form."""
FRAMED = "framing"
"""What a server demands of itself that marks where a message ends: it can tell one from the next, however they arrive."""


def spoken(spec: Spec, learned: Learned) -> Spec:
    """The spec as it is played against a server that talks like this."""
    texts: dict[str, None] = {}
    checks = tuple(_Lowered(spec, check, learned, texts).check() for check in spec.checks)
    cut = "" if learned.name_stands == "after" else BETWEEN.join(texts)
    times = max(1, learned.heard.count("<text>"))
    protocol = Protocol("heard", {"texts": cut, "said": BETWEEN.join(texts), "times": times})
    demands = (*spec.demands, FRAMED) if learned.framing != "none" and FRAMED not in spec.demands else spec.demands
    return replace(spec, checks=checks, protocol=protocol, demands=demands, idles=learned.idles)


def newcomers(check: Check) -> list[str]:
    """The clients that come in during a check, each once, in their order."""
    comes_in = (line for line in check.play if line.part == "join" and line.verb is COMES_IN.verb)
    return list(dict.fromkeys(who for line in comes_in for who in line.who))


class _Lowered:
    """One check, line by line."""

    def __init__(self, spec: Spec, check: Check, learned: Learned, texts: dict[str, None]) -> None:
        self._check = check
        self._learned = learned
        self._texts = texts
        self._play = check.play
        self._phrases = Phrases(spec.protocol, spec.dialect.words)
        self._users: Mapping[str, str] = dict(zip(newcomers(check), learned.logins, strict=False))
        self._names = {who for line in check.play for who in line.who if who != SERVER}

    def check(self) -> Check:
        self._play = tuple(_paced(self._check.play))
        lines = [x for at, line in enumerate(self._play) for x in self._lines(line, at)]
        play = tuple(replace(line, step=step) for step, line in enumerate(lines))
        return replace(self._check, play=play, leftovers_allowed=True)

    def _user(self, name: str) -> str:
        return self._users.get(name, name)

    def _filled(self, template: str, name: str, text: str = "") -> str:
        user = self._user(name)
        return filled(template, name=user, text=text, password=self._learned.logins.get(user, ""))

    def _lines(self, line: Line, at: int) -> Iterator[Line]:
        if line.part == "join" and line.verb is COMES_IN.verb:
            yield from self._hello(line)
            if _next(self._play, at) is not Verb.SETTLES:
                # Whoever has come in is waited for: what it says next is said as somebody whom the server knows.
                yield line
        elif line.verb is Verb.SEND:
            for number in range(1, line.times + 1):
                for name in line.who:
                    text = self._literal(line, number)
                    if text == GOODBYE:
                        yield from self._goodbye(line, name)
                    else:
                        yield self._said(line, name, text)
        elif line.verb is Verb.SEND_RAW:
            for name in line.who:
                yield self._said_raw(line, name)
        elif line.verb in (Verb.EXPECT, Verb.SKIPS_TO):
            numbered = replace(line, argument=line.argument.replace("<i>", NUMBER)) if line.times > 1 else line
            wanted = self._expected(self._literal(numbered, 1)).replace(NUMBER, "<i>")
            yield replace(line, verb=Verb.SKIPS_TO, argument=wanted)
        else:
            yield line

    def _literal(self, line: Line, number: int) -> str:
        return self._phrases.parse(line.argument).fill({}, number=number, seed=0)

    def _hello(self, line: Line) -> Iterator[Line]:
        for name in line.who:
            for piece in self._learned.hello:
                said = self._filled(piece, name)
                data = raw(enclosed(self._learned.framing, said))
                yield replace(line, text=f"{name} > {said}", who=(name,), verb=Verb.SEND_RAW, argument=data)

    def _said(self, line: Line, name: str, text: str) -> Line:
        self._texts[text] = None
        learned = self._learned
        data = enclosed(learned.framing, self._filled(learned.say, name, text))
        return replace(line, who=(name,), verb=Verb.SEND_RAW, argument=raw(data), times=1)

    def _said_raw(self, line: Line, name: str) -> Line:
        r"""Bytes as they are, each message in the form of this server: `|` cuts them into packets, `\n` ends a message."""
        learned = self._learned
        pieces = self._phrases.parse(line.argument, raw=True).pieces({}, number=1, seed=0)
        messages = cut(pieces)
        self._texts |= dict.fromkeys(message.text for message in messages)
        sent = [message.enclosed(learned.framing, self._filled(learned.say, name, "<text>")) for message in messages]
        return replace(line, who=(name,), argument="".join(sent), times=line.times)

    def _goodbye(self, line: Line, name: str) -> Iterator[Line]:
        """The server's word of goodbye, where it has one, and the end of the client, which has nothing more to wait for."""
        learned = self._learned
        gone = replace(line, who=(name,), verb=Verb.LEAVES, argument="", times=1)
        if learned.goodbye:
            bare = not learned.say.startswith("{")
            form = learned.goodbye if bare else self._filled(learned.say, name, learned.goodbye)
            yield replace(gone, verb=Verb.SEND_RAW, argument=raw(enclosed(learned.framing, form)))
            gone = replace(gone, text=f"{name} (leaves)")
        yield gone

    def _expected(self, wanted: str) -> str:
        notice, heard = _NOTICE.fullmatch(wanted), _HEARD.fullmatch(wanted)
        if notice is not None and notice[1] in self._names:
            form = self._learned.joined if notice[2] == "joined" else self._learned.left
            return _anywhere(*(self._user(notice[1]) if p == "<name>" else p for p in pieces(form) or ["<name>"]))
        if heard is None or heard[1] not in self._names:
            return _anywhere(wanted)
        name, text = self._user(heard[1]), heard[2]
        stands = self._learned.name_stands
        return _anywhere(*([name, text] if stands == "before" else [text, name] if stands == "after" else [text]))


def _paced(play: tuple[Line, ...]) -> Iterator[Line]:
    """Clients that say many things at once take turns, each thing when the one before has been read: none is glued to another."""
    for block, group in groupby(play, key=lambda line: line.block):
        lines = list(group)
        rounds = max(line.times for line in lines)
        if (
            block is None
            or block.kind != "together"
            or rounds == 1
            or any(line.verb is not Verb.SEND for line in lines)
        ):
            yield from lines
            continue
        for number in range(1, rounds + 1):
            for line in lines:
                if number <= line.times:
                    yield replace(
                        line, argument=line.argument.replace("<i>", str(number)), times=1, block=None, part="turns"
                    )


def _next(play: tuple[Line, ...], at: int) -> Verb | None:
    return play[at + 1].verb if at + 1 < len(play) else None


def _anywhere(*wanted: str) -> str:
    r"""A template for these, one after the other, with anything around them."""
    return "<*>" + "<*>".join(re.sub(r"([\\<|])", r"\\\1", w) for w in wanted) + "<*>"

"""Checks in Python: a function that is given a `Stage` and does what a play would do, with loops and arithmetic.

    def agrees_with_sieve(stage: Stage) -> None:
        ana = stage.client("ana")
        for number in range(2, 50):
            ana.send(f"PRIME {number}")
            ana.expect("yes" if is_prime(number) else "no")

Each call becomes a line of a play, is performed as a line, and stands in the transcript as a line. So a check in Python is
judged by the same judge, on the same evidence, and looks the same in a report. Where an expectation is not met the play
is over: the function is left by `Ended`, which it must not catch. A failed `assert`, and `stage.find`, are findings too.
What else goes wrong in the function is the instructor's, never the student's: a grader problem.
"""

from __future__ import annotations

import random
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.conduct.functions import function_of
from grader.errors import HarnessError
from grader.judge.order import expects
from grader.model import SERVER, Block, Check, Line, Spec, Verb
from grader.spec.acts import CLIENT_RULES, IN_WORDS, SERVER_RULES, WITH_TIME, State
from grader.spec.arguments import wrong_argument
from grader.spec.expand import expand
from grader.wire.doors import BROKE, told
from grader.wire.match import Style, TemplateError
from grader.wire.phrases import Phrases

if TYPE_CHECKING:
    from grader.conduct.line_by_line import LineByLine

MOST_LINES = 20_000


class Ended(BaseException):
    """The play is over: something that was asked for did not come, or could not be done."""


@dataclass(frozen=True, slots=True)
class Client:
    """One client of the check. Every method waits as a line of a play does, and ends the play where a line would."""

    name: str
    _stage: Stage

    def send(self, text: str, times: int = 1) -> None:
        """Send a text as it is, with the framing's end."""
        self._stage.act(self, Verb.SEND, self._stage.literally(text), times=times)

    def send_bytes(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._stage.act(self, Verb.SEND_RAW, "".join(f"\\x{byte:02x}" for byte in data))

    def expect(self, pattern: str, within: float | None = None) -> str:
        """The next message has to fit this pattern, written as after `<` in a play. Gives the message.

        `within` are seconds: a message that comes later fails.
        """
        return self._stage.expect(self, [pattern], None if within is None else (0.0, within))[0]

    def expect_text(self, text: str) -> str:
        """The next message has to be just this text."""
        return self.expect(self._stage.literally(text, expected=True))

    def expect_all(self, patterns: Sequence[str]) -> list[str]:
        """These messages have to come next, in any order. Gives them in the order of the patterns."""
        return self._stage.expect(self, patterns, None)

    def read(self) -> str:
        """The next message, whatever it is."""
        return self.expect("<*>")

    def nothing(self) -> None:
        """Nothing more comes: no message is left in the inbox when the server is quiet."""
        self._stage.act(self, Verb.NOTHING)

    def skip_to(self, pattern: str) -> None:
        """Throw away what comes, up to and with the first message that fits."""
        self._stage.act(self, Verb.SKIPS_TO, pattern)

    def skip_the_rest(self) -> None:
        """When nothing more can come, throw away what has come."""
        self._stage.act(self, Verb.SKIPS_THE_REST)

    def acknowledge(self, *, acknowledges: bool = True) -> None:
        """Answer by itself what the protocol says, or not any more."""
        self._stage.act(self, Verb.ACKNOWLEDGES if acknowledges else Verb.DOES_NOT_ACKNOWLEDGE)

    def wait(self, seconds: float) -> None:
        """Let time pass, where the protocol promises something by the clock; at most 60 seconds."""
        self._stage.act(self, Verb.WAITS, f"{round(seconds * 1000)}ms")

    def connect(self) -> None:
        """Open a connection, and no more."""
        self._stage.act(self, Verb.CONNECTS)

    def leave(self) -> None:
        """End the connection in good order."""
        self._stage.act(self, Verb.LEAVES)

    def half_close(self) -> None:
        """End the client's side of the connection, and go on reading."""
        self._stage.act(self, Verb.HALF_CLOSES)

    def crash(self) -> None:
        """Vanish with a reset."""
        self._stage.act(self, Verb.CRASHES)

    def freeze(self) -> None:
        """Stop reading."""
        self._stage.act(self, Verb.FREEZES)

    def thaw(self) -> None:
        """Read again."""
        self._stage.act(self, Verb.THAWS)

    def is_disconnected(self) -> None:
        """The server has to close this connection."""
        self._stage.act(self, Verb.IS_DISCONNECTED)

    def still_connected(self) -> None:
        """When the server is quiet, it has not closed this connection."""
        self._stage.act(self, Verb.STILL_CONNECTED)


class Stage:
    """What a check in Python acts on."""

    def __init__(self, conductor: LineByLine, check: Check, spec: Spec, seed: int) -> None:
        self._conductor = conductor
        self._spec = spec
        self._phrases = Phrases(spec.protocol, spec.dialect.words)
        self._states = dict.fromkeys(check.clients, State.HERE)
        self._running = True
        self._step = len(check.play)
        self._blocks = 1_000_000
        self.random = random.Random(seed)  # noqa: S311 - for repeating, not for secrets
        """Random choices that are the same when the grading is repeated with its seed."""

    @property
    def clients(self) -> list[Client]:
        """Those that have joined before the check begins."""
        return [Client(name, self) for name in self._states]

    def client(self, name: str) -> Client:
        """The client of this name."""
        return Client(name, self)

    def join(self, name: str) -> Client:
        """A client that connects and says what `join:` says."""
        client = Client(name, self)
        self._check_state(name, Verb.JOINS)
        begins = Line(0, f"{name} (joins)", (name,), Verb.JOINS)
        for line in expand((), (begins,), self._spec.join):
            self._perform(line)
        return client

    def server(self, act: str) -> None:
        """An act of the server, as it stands in a play: `stops`, `starts`, `restarts`, `is running`, `gets SIGTERM`."""
        verb = next((v for v in SERVER_RULES if act == v or act.startswith(f"{v} ")), None)
        if verb is None or SERVER_RULES[verb][0] != self._running:
            self._misused(f"server ({act}) makes no sense here")
            return
        self._running = SERVER_RULES[verb][1]
        self._perform(Line(0, f"{SERVER} ({act})", (SERVER,), verb, act[len(verb) :].strip()))

    def quiet(self) -> bool:
        """Wait until nothing more can come; whether that was proven."""
        return self._conductor.at_rest()

    def find(self, text: str) -> None:
        """Something that differs from what was asked: a finding, in a sentence. The check has failed."""
        self._conductor.found(text)

    # -- what the methods are made of

    def act(self, client: Client, verb: Verb, argument: str = "", times: int = 1) -> None:
        """One line that one client acts in."""
        mark = verb.value if verb in _MARKS else ""
        text = f"{client.name} {mark} {argument}" if mark else f"{client.name} ({f'{verb.value} {argument}'.strip()})"
        self._check_state(client.name, verb)
        self._check_phrase(verb, argument)
        block = self._block() if expects_message(verb) else None
        self._perform(Line(0, text.rstrip(), (client.name,), verb, argument, times, block))

    def expect(self, client: Client, patterns: Sequence[str], within: tuple[float, float] | None) -> list[str]:
        """Messages that come next, in any order."""
        self._check_state(client.name, Verb.EXPECT)
        for pattern in patterns:
            self._check_phrase(Verb.EXPECT, pattern)
        block = self._block()
        lines = [
            Line(0, f"{client.name} < {x}", (client.name,), Verb.EXPECT, x, block=block, within=within)
            for x in patterns
        ]
        steps = self._perform(*lines)
        return [self._conductor.message_of(step, client.name) for step in steps]

    def literally(self, text: str, *, expected: bool = False) -> str:
        """A text as a phrase that means just this text."""
        if self._spec.protocol.messages:
            return text
        if self._phrases.style is Style.JSON:
            return text.replace("<", "\\<")
        escaped = text.replace("\\", "\\\\").replace("<", "\\<")
        if self._phrases.style is Style.BYTES:
            escaped = escaped.replace("\r", "\\r").replace("\n", "\\n").replace("\0", "\\0")
        return escaped.replace(" | ", " \\| ") if expected else escaped

    def _perform(self, *lines: Line) -> list[int]:
        numbered = []
        for line in lines:
            one = Line(
                self._step,
                line.text,
                line.who,
                line.verb,
                line.argument,
                line.times,
                line.block,
                line.part,
                None,
                line.within,
            )
            numbered.append(one)
            self._step += 1
        if self._step > MOST_LINES:
            self._misused(f"more than {MOST_LINES} lines")
        if not self._conductor.go_on(numbered):
            raise Ended
        return [line.step for line in numbered]

    def _block(self) -> Block:
        """A group of its own: what one call waits for is not mixed with what the next one does."""
        self._blocks += 1
        return Block("any order", self._blocks)

    def _check_state(self, name: str, verb: Verb) -> None:
        state, rule = self._states.get(name, State.ABSENT), CLIENT_RULES[verb]
        if state not in rule.states:
            self._misused(f"{name} {IN_WORDS[state]}: ({verb.value}) makes no sense here")
        self._states[name] = rule.becomes or state

    def _check_phrase(self, verb: Verb, argument: str) -> None:
        if verb in WITH_TIME and (wrong := wrong_argument(verb, verb.value, argument)) is not None:
            self._misused(wrong.message)
        if verb in _MARKS or verb is Verb.SKIPS_TO:
            try:
                self._phrases.parse(argument, raw=verb is Verb.SEND_RAW)
            except TemplateError as error:
                self._misused(f"{argument[:60]!r}: {error.message} {error.hint}".strip())

    def _misused(self, what: str) -> None:
        raise HarnessError(BROKE, what=what)


_MARKS = frozenset({Verb.SEND, Verb.SEND_RAW, Verb.EXPECT})


def expects_message(verb: Verb) -> bool:
    """Whether a line of this kind waits for a message."""
    return verb is not Verb.IS_DISCONNECTED and expects(Line(0, "", (), verb))


def play_in_python(conductor: LineByLine, check: Check, spec: Spec, seed: int) -> bool:
    """Run the function of a check; whether the play came to its end. Raises HarnessError if the function is broken."""
    function = function_of(check)
    stage = Stage(conductor, check, spec, seed)
    try:
        function(stage)
    except Ended:
        return False
    except AssertionError as failed:
        stage.find(str(failed) or _line_of(failed))
    except HarnessError:
        raise
    except Exception as error:
        raise HarnessError(BROKE, what=told(error)) from error
    return True


def _line_of(failed: AssertionError) -> str:
    where = traceback.extract_tb(failed.__traceback__)[-1]
    return (where.line or "assert").strip()

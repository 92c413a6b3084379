"""`acknowledge:` of a protocol: which messages a client answers by itself, and with what.

    acknowledge: {"data block=<n>": "ack block=<n>"}

Each entry is held against the protocol here: both sides must be messages of it, and the answer may name what the message
names and nothing else. What a client answers is known before any play, so no name of a play has a value in it.
"""

from __future__ import annotations

from grader.model import Protocol
from grader.spec.complaints import near_to, shown
from grader.spec.keys import Reading
from grader.spec.yaml_marks import Entries, Node, Scalar
from grader.wire.acknowledging import NO_WORDS
from grader.wire.match import TemplateError
from grader.wire.message_phrase import MessagePhrase
from grader.wire.parts import What, names_in
from grader.wire.phrases import Phrase, Phrases

MOST = 20
SAID = {What.TEXT, What.NAME, What.VALUE}
"""What an answer is made of."""
HEARD = {What.TEXT, What.NAME, What.ANY, What.REGEX, What.NUMERIC, What.SET, What.NOT, What.BAR}
"""What stands for the message that is answered."""


def read_acknowledge(reading: Reading, node: Node, protocol: Protocol) -> tuple[tuple[str, str], ...]:
    """The pairs of what comes and what is answered; complaints about those that make no sense."""
    hint = 'Write {"data block=<n>": "ack block=<n>"}.'
    if not isinstance(node, Entries) or not 0 < len(node.entries) <= MOST:
        reading.complain(node, "`acknowledge` is a map of what comes to what is answered.", hint)
        return ()
    pairs = []
    for key, value in node.entries:
        if not isinstance(value, Scalar) or value.cut is not None or not value.value:
            reading.complain(value, f"What is answered to {shown(key.value)} is a text.", "Put it in quotes.")
            continue
        come, said = _parsed(reading, key, protocol), _parsed(reading, value, protocol)
        if come is not None and said is not None and _fit_together(reading, key, come, value, said):
            pairs.append((key.value, value.value))
    return tuple(pairs)


def _parsed(reading: Reading, node: Scalar, protocol: Protocol) -> Phrase | None:
    try:
        return Phrases(protocol, NO_WORDS).parse(node.value)
    except TemplateError as error:
        reading.complain(node, error.message, error.hint)
        return None


def _fit_together(reading: Reading, key: Scalar, come: Phrase, value: Scalar, said: Phrase) -> bool:
    if any(part.what not in HEARD for part in come.parts):
        reading.complain(key, "This does not stand for what comes.", "Write a text, <name> or <*>.")
        return False
    if any(part.what not in SAID for part in said.parts):
        hint = "Only what the message names can stand in it: <name>, or <value name + 1>."
        reading.complain(value, "This is no certain answer.", hint)
        return False
    named = {name for part in come.parts for name in names_in(part)}
    for name in (name for part in said.parts for name in names_in(part)):
        if name not in named:
            near = near_to(name, named)
            hint = f"The nearest is <{near}>." if near else "What is answered may name what the message names."
            reading.complain(value, f"<{name}> has no value here.", hint)
            return False
    for error in said.unsent() if isinstance(said, MessagePhrase) else ():
        reading.complain(value, error.message, error.hint)
        return False
    return True

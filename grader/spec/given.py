r"""A dialect in a spec as `grade dialect` prints it: how all servers of a class talk, where a course has said so.

    dialect:
      framing: "newline"             # what a client puts around each text
      hello: ["NICK <name>"]         # what it sends to come in
      say: "MSG <text>"
      heard: "<name>: <text>\n"
      logins: {ana: "1234", beto: "qwerty"}

What tells it from the forms of a course's own dialect is `say`. Texts are taken as they stand, spaces and ends of line too.
"""

from __future__ import annotations

from collections.abc import Mapping

from grader.model import Learned
from grader.model.learned import WRITTEN
from grader.model.spanish import key as canonical
from grader.spec import values
from grader.spec.keys import Keys, Reader, Reading, read_map
from grader.spec.yaml_marks import Entries, Node, Scalar
from grader.wire.envelope import ENVELOPES

PUTS_NAMES = ("server", "client", "nobody")
WAYS = ("quit", "close", "reset")
LONGEST = 2_000


def exactly(reading: Reading, node: Node, key: str) -> str | None:
    """A text as it stands in its quotes, which may be empty."""
    if isinstance(node, Scalar) and (not node.plain or not node.value):
        if len(node.value) <= LONGEST:
            return node.value
        reading.complain(node, f"`{key}` is too long.", f"It has {LONGEST} characters at most.")
        return None
    return values.text(reading, node, key)


def said(reading: Reading, node: Node, key: str) -> str | None:
    """A text in which stands what is said."""
    found = exactly(reading, node, key)
    if found is not None and "<text>" not in found:
        reading.complain(node, f"`{key}` needs <text>: what is said.", "Write '<name>: <text>'.")
        return None
    return found


def logins(reading: Reading, node: Node, key: str) -> Mapping[str, str] | None:
    """Names that a server knows, each with its password."""
    if not isinstance(node, Entries):
        reading.complain(node, f"`{key}` is a map of name to password.", 'Write {ana: "1234", beto: "abcd"}.')
        return None
    found = {name.value: exactly(reading, value, name.value) for name, value in node.entries}
    return {name: password for name, password in found.items() if password is not None}


values.MADE_BY[exactly] = values.MADE_BY[said] = values.Made("template")
values.MADE_BY[logins] = values.Made("logins")
READERS: Mapping[str, Reader] = {
    "framing": values.one_of(ENVELOPES, "framing of a client"),
    "asked": exactly,
    "hello": values.some_of(exactly),
    "say": said,
    "heard": said,
    "echo": values.flag,
    "names": values.one_of(PUTS_NAMES, "part that puts the names"),
    "joined": exactly,
    "left": exactly,
    "announces": values.some_of(values.one_of(WAYS, "way of leaving")),
    "goodbye": exactly,
    "logins": logins,
}
GIVEN = Keys("the dialect", READERS, ("say",))


def is_given(node: Node | None) -> bool:
    """Whether a dialect says how a server talks to its clients, and not only how a course words things."""
    return isinstance(node, Entries) and any("say" in (key.value, canonical(key.value)) for key, _ in node.entries)


def read_given(reading: Reading, node: Node) -> Learned:
    """How the servers talk, by an instructor's word. Whatever is wrong is a complaint."""
    got = dict(read_map(reading, node, GIVEN).got)
    for key in ("hello", "announces"):
        if key in got:
            got[key] = tuple(value for value, _ in got[key])
    return Learned(WRITTEN, **got)

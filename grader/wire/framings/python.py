"""`python`: a framing of the instructor's own, a class in a file beside the spec.

    framing: {python: framings.py:Stuffed}

    from grader.wire.framing import Framing

    class Stuffed(Framing):
        def encode(self, message: bytes) -> bytes: ...        the message as it goes out
        def end(self, data: bytes) -> int | None: ...         where the first message in data ends, or None: not yet
        def strip(self, message: bytes) -> bytes: ...         the message without what ends or announces it

The contract is that of all framings: whatever a framing of ours may override, theirs may. What breaks in it is a grader
problem. Readers of clients are threads in which nobody would hear of an error, so what breaks there is kept as `fault`,
and the stream is broken off.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import ClassVar, Self, TypeVar, cast

from grader.errors import HarnessError
from grader.model import Protocol
from grader.wire.doors import BROKE, named, taken_apart, told
from grader.wire.framing import FRAMINGS, Framing, Setting

Made = TypeVar("Made")


@FRAMINGS.add("python")
class PythonFraming(Framing):
    """Stands before the instructor's class, whose methods it calls. Without the text of its file it is any framing."""

    settings: ClassVar[Mapping[str, Setting]] = {
        "python": Setting(
            lambda said: said if taken_apart(said)[0] else None, "a file and a class, such as framings.py:Stuffed"
        )
    }

    def __new__(cls, protocol: Protocol, *, sent: bool = False) -> Self:
        """An object of the instructor's class, behind this one."""
        path, name = taken_apart(str(protocol.settings.get("python", "")))
        known = cls is PythonFraming and path in protocol.python
        return super().__new__(cast("type[Self]", _behind(path, protocol.python[path], name)) if known else cls)

    def __init__(self, protocol: Protocol, *, sent: bool = False) -> None:
        self.fault = ""
        self._asked(lambda: super(PythonFraming, self).__init__(protocol, sent=sent))

    def feed(self, data: bytes) -> list[bytes]:
        return self._heard(lambda: [bytes(message) for message in super(PythonFraming, self).feed(data)], [])

    def flush(self) -> list[bytes]:
        return self._heard(lambda: [bytes(message) for message in super(PythonFraming, self).flush()], [])

    def rest(self) -> bytes:
        return self._heard(lambda: bytes(super(PythonFraming, self).rest()), b"")

    def answers(self) -> bytes:
        return self._heard(lambda: bytes(super(PythonFraming, self).answers()), b"")

    def encode(self, message: bytes) -> bytes:
        return self._asked(lambda: bytes(super(PythonFraming, self).encode(message)))

    def strip(self, message: bytes) -> bytes:
        return self._asked(lambda: bytes(super(PythonFraming, self).strip(message)))

    def closing(self) -> bytes:
        return self._asked(lambda: bytes(super(PythonFraming, self).closing()))

    def _asked(self, what: Callable[[], Made]) -> Made:
        try:
            return what()
        except Exception as error:
            raise HarnessError(BROKE, what=told(error)) from error

    def _heard(self, what: Callable[[], Made], otherwise: Made) -> Made:
        try:
            return what() if self.broken is None else otherwise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is theirs
            self.fault = self.fault or told(error)
            self._break("python")
            return otherwise


@functools.cache
def _behind(path: str, source: str, name: str) -> type[PythonFraming]:
    """The instructor's class, with ours before it. Raises HarnessError."""
    found = named(path, source, name)
    if not (isinstance(found, type) and issubclass(found, Framing)):
        raise HarnessError(BROKE, what=f"{name} in {path} is no framing: write class {name}(Framing)")
    return type(name, (PythonFraming, found), {})

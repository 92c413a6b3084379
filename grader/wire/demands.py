"""What a placeholder demands of the text that stands in its place, beyond a regular expression.

    <number 5..10>          a number from 5 to 10; 5.. and ..10 leave one end open
    <number 3.14 +- 0.01>   a number that far from 3.14 at most; +- 5% is five hundredths of it
    <set ana, beto, caro>   these words in any order, each as often as here, with the same thing between them
    <not adios>             any text but this
    <python own.py:is_prime 12>   what a function of the instructor's says True to: is_prime(text, "12")

Each demand knows where its text can begin and end (`regex`, None for anywhere), whether a text meets it, and if not, why.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from grader.errors import HarnessError
from grader.model import Facts
from grader.wire import doors
from grader.wire.parts import Part, TemplateError, What

_NUMBER = r"[-+]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,4})?"
LONGEST_NUMBER = 400
_RANGE = re.compile(rf"(?P<least>{_NUMBER})?\s*\.\.\s*(?P<most>{_NUMBER})?")
_ABOUT = re.compile(rf"(?P<wanted>{_NUMBER})(?:\s*(?:\+-|\+/-|±)\s*(?P<off>{_NUMBER})(?P<percent>%)?)?")


@dataclass(frozen=True, slots=True)
class NumberDemand:
    """A number between two others."""

    written: str
    least: Decimal | None
    most: Decimal | None

    regex = _NUMBER

    def met(self, text: str) -> bool:
        """Whether the text is such a number."""
        value = _decimal(text)
        return value is not None and not (
            (self.least is not None and value < self.least) or (self.most is not None and value > self.most)
        )

    def why(self, text: str) -> tuple[str, Facts]:
        """Why it is not."""
        return "number", {"expected": self.written, "found": text}

    def __str__(self) -> str:
        return f"<number {self.written}>"


@dataclass(frozen=True, slots=True)
class SetDemand:
    """Words in any order."""

    written: str
    comma: bool
    words: tuple[str, ...]

    regex = None

    def met(self, text: str) -> bool:
        """Whether the text has the same words."""
        return Counter(self._split(text)) == Counter(self.words)

    def why(self, text: str) -> tuple[str, Facts]:
        """Which words are missing, and which are too many."""
        found, wanted = Counter(self._split(text)), Counter(self.words)
        missing, extra = list((wanted - found).elements()), list((found - wanted).elements())
        return "set", {"missing": missing[:20], "extra": extra[:20], "found": text}

    def _split(self, text: str) -> list[str]:
        return [word.strip() for word in text.split(",")] if self.comma else text.split()

    def __str__(self) -> str:
        return f"<set {self.written}>"


@dataclass(frozen=True, slots=True)
class NotDemand:
    """Any text but one."""

    written: str

    regex = None

    def met(self, text: str) -> bool:
        """Whether it is another text."""
        return text != self.written

    def why(self, text: str) -> tuple[str, Facts]:
        """It is just this text."""
        return "not", {"found": text}

    def __str__(self) -> str:
        return f"<not {self.written}>"


@dataclass(frozen=True, slots=True)
class PythonDemand:
    """A text to which a function says True. What else it says is why not: a text, or nothing."""

    written: str
    source: str

    regex = None

    def met(self, text: str) -> bool:
        """Whether the function says so. Raises HarnessError if it breaks."""
        return self._said(text) is True

    def why(self, text: str) -> tuple[str, Facts]:
        """What it said instead."""
        said = self._said(text)
        return "python", {"expected": str(self), "found": text, "said": said if isinstance(said, str) else None}

    def _said(self, text: str) -> object:
        wanted, _, rest = self.written.partition(" ")
        path, name = doors.taken_apart(wanted)
        if not self.source:
            raise HarnessError(doors.BROKE, what=f"{path} is not at hand: a matcher stands in a play")
        function = doors.named(path, self.source, name)
        try:
            said: object = function(text, rest.strip()) if rest.strip() else function(text)  # type: ignore[operator]
        except Exception as error:
            raise HarnessError(doors.BROKE, what=doors.told(error)) from error
        if isinstance(said, bool | str) or said is None:
            return said
        raise HarnessError(doors.BROKE, what=f"{wanted} gave {said!r:.60}: write True, or why the text does not fit")

    def __str__(self) -> str:
        return f"<python {self.written}>"


Demand = NumberDemand | SetDemand | NotDemand | PythonDemand
_NOTHING: Mapping[str, str] = {}


def demand(part: Part, words: Mapping[str, str] = _NOTHING) -> Demand:
    """The demand that a placeholder makes. Raises TemplateError if it can't be read."""
    if part.what is What.PYTHON:
        path, _ = doors.taken_apart(part.text.partition(" ")[0])
        if not path:
            raise TemplateError(
                f"<python {part.text}> names no function.", part.offset, "Write <python own.py:is_prime>."
            )
        return PythonDemand(part.text, words.get(doors.source_key(path), ""))
    if part.what is What.SET:
        comma = "," in part.text
        those = [word.strip() for word in part.text.split(",")] if comma else part.text.split()
        return SetDemand(part.text, comma, tuple(those))
    if part.what is What.NOT:
        return NotDemand(part.text)
    if found := _RANGE.fullmatch(part.text):
        least, most = _decimal(found["least"]), _decimal(found["most"])
        if least is not None and most is not None and most < least:
            raise TemplateError(f"No number lies in {part.text}.", part.offset, "The smaller one stands first.")
        return NumberDemand(part.text, least, most)
    if found := _ABOUT.fullmatch(part.text):
        wanted, off = _decimal(found["wanted"]) or Decimal(0), abs(_decimal(found["off"]) or Decimal(0))
        off = abs(wanted) * off / 100 if found["percent"] else off
        return NumberDemand(part.text, wanted - off, wanted + off)
    hint = "Write <number 5..10> or <number 3.14 +- 0.01>."
    raise TemplateError(f"<number {part.text}> is not understood.", part.offset, hint)


def _decimal(text: str | None) -> Decimal | None:
    if not text or len(text) > LONGEST_NUMBER or not re.fullmatch(_NUMBER, text):
        return None
    value = Decimal(text)
    return value if math.isfinite(value) else None

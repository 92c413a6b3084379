r"""`resp`: the protocol of Redis. A client sends a command as a list of words, the server answers with one value.

ana > SET name "two words"      *3\r\n$3\r\nSET\r\n$4\r\nname\r\n$9\r\ntwo words\r\n
ana < +OK                       a simple string, an error (-ERR …) and a number (:3) keep their sign
ana < "two words"               a counted string stands in quotes
ana < [:1, nil, "a"]            a list; `nil` is what is not there
"""

from __future__ import annotations

from grader.model import Protocol
from grader.wire.framing import FRAMINGS, LARGEST, Framing
from grader.wire.parts import to_text
from grader.wire.quoting import quoted, words_of

DEEPEST = 16
_END = b"\r\n"
_PLAIN = b"+-:,#(_"
_COUNTED = b"$=!"
_LISTS = b"*~>%"
_SIGNS = _PLAIN + _COUNTED + _LISTS
_MAP = ord("%")


@FRAMINGS.add("resp")
class RespFraming(Framing):
    """Values that say how many bytes or values they hold."""

    reads_itself = False

    def __init__(self, protocol: Protocol, *, sent: bool = False) -> None:
        super().__init__(protocol, sent=sent)
        self._to_come: list[int] = []
        """Of each list that is open: how many values are still to come."""
        self._next: int | None = None
        """Where the next value of a list begins, counted from the beginning of the message."""

    def encode(self, message: bytes) -> bytes:
        words = words_of(message)
        return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)

    def text(self, message: bytes) -> str:
        """The value as a play writes it; bytes that are no value as they are."""
        try:
            written, end = _written(message, 0)
        except (ValueError, IndexError):
            return to_text(message)
        return written if end == len(message) else to_text(message)

    def _end(self, begin: int) -> int | None:
        at = begin + (self._next or 0)
        while (head := self._head(at)) is not None:
            kind, size, after = head
            if kind in _COUNTED and size >= 0:
                after += size + 2
            if after > len(self._kept):
                break
            if kind in _LISTS and size > 0:
                self._to_come.append(size * (2 if kind == _MAP else 1))
                if len(self._to_come) > DEEPEST:
                    self._break("deep", limit=DEEPEST)
                    return None
            elif self._was_last():
                self._next = None
                return after
            at = after
        # Known, but not here yet: what is known of the lists must not be counted twice.
        self._next = at - begin
        return None

    def _was_last(self) -> bool:
        """Count one value in the lists that are open; whether it was the last of all."""
        open_lists = self._to_come
        while open_lists and open_lists[-1] == 1:
            open_lists.pop()
        if open_lists:
            open_lists[-1] -= 1
            return False
        return True

    def _head(self, at: int) -> tuple[int, int, int] | None:
        """The sign of the value that begins here, its size (-1: none), and where its first line ends."""
        if at >= len(self._kept):
            return None
        kind = self._kept[at]
        if kind not in _SIGNS:
            self._break("kind")
            return None
        line = self._kept.find(_END, max(at, self._searched - 1))
        if line < 0:
            self._searched = len(self._kept)
            return None
        if kind in _PLAIN:
            return kind, -1, line + 2
        digits = self._kept[at + 1 : line]
        if digits == b"-1":
            return kind, -1, line + 2
        if not digits.isdigit() or len(digits) > 20:
            self._break("length")
            return None
        size = int(digits)
        if size > LARGEST:
            self._break("too-long", length=size, limit=LARGEST)
            return None
        return kind, size, line + 2


def _written(data: bytes, at: int) -> tuple[str, int]:
    """The value that begins here as text, and where it ends. Raises ValueError or IndexError if it is not whole."""
    line = data.index(_END, at)
    kind, said, after = data[at], data[at + 1 : line], line + 2
    if kind in b"_" or (kind in b"$*" and said == b"-1"):
        return "nil", after
    if kind in _PLAIN:
        return to_text(data[at:line]), after
    if kind in _COUNTED:
        end = after + int(said)
        if data[end : end + 2] != _END:
            raise ValueError("not whole")
        return quoted(to_text(data[after:end])), end + 2
    if kind not in _LISTS:
        raise ValueError("no value")
    values = []
    for _ in range(int(said) * (2 if kind == _MAP else 1)):
        value, after = _written(data, after)
        values.append(value)
    return f"[{', '.join(values)}]", after

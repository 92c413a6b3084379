"""Framings as tables: each row runs whole, byte by byte, in odd pieces, and with an unfinished message behind it."""

import pytest

from grader.wire.framing import FRAMINGS

# framing, what comes, the complete messages in it, what they are without their ends, what is left over
ROWS = [
    ("line", b"", [], [], b""),
    ("line", b"hola\n", [b"hola\n"], [b"hola"], b""),
    ("line", b"hola\r\n", [b"hola\r\n"], [b"hola"], b""),
    ("line", b"\n\r\n", [b"\n", b"\r\n"], [b"", b""], b""),
    ("line", b"uno\ndos\r\ntres\n", [b"uno\n", b"dos\r\n", b"tres\n"], [b"uno", b"dos", b"tres"], b""),
    ("line", b"uno\rdos\n", [b"uno\rdos\n"], [b"uno\rdos"], b""),
    ("line", b"uno\r\r\n", [b"uno\r\r\n"], [b"uno\r"], b""),
    ("line", b"\xff\x00\xfe\n", [b"\xff\x00\xfe\n"], [b"\xff\x00\xfe"], b""),
    ("line", "mañana\n".encode(), ["mañana\n".encode()], ["mañana".encode()], b""),
    ("line", b"uno\ndos", [b"uno\n"], [b"uno"], b"dos"),
    ("line", b"uno\n\r", [b"uno\n"], [b"uno"], b"\r"),
    ("line", b"a\x0bb\x1cc\x85d\n", [b"a\x0bb\x1cc\x85d\n"], [b"a\x0bb\x1cc\x85d"], b""),
]
PIECES = {"whole": 1 << 20, "bytes": 1, "threes": 3}
BEHIND = {"line": b"not ended"}


@pytest.mark.parametrize("pieces", list(PIECES))
@pytest.mark.parametrize("row", ROWS, ids=repr)
def test_what_comes_is_cut_into_messages(row, pieces):
    name, data, messages, stripped, rest = row
    framing = FRAMINGS.get(name)()
    size = PIECES[pieces]
    got = [message for at in range(0, len(data), size) for message in framing.feed(data[at : at + size])]
    assert got == messages
    assert [framing.strip(message) for message in got] == stripped
    assert framing.rest() == rest


@pytest.mark.parametrize(("name", "data", "messages", "stripped", "rest"), [row for row in ROWS if not row[-1]])
def test_what_comes_behind_is_kept_until_it_is_complete(name, data, messages, stripped, rest):
    framing = FRAMINGS.get(name)()
    assert framing.feed(data + BEHIND[name]) == messages
    assert framing.rest() == BEHIND[name]
    assert framing.feed(framing.encode(b"")) == [framing.encode(BEHIND[name])]
    assert framing.rest() == b""


@pytest.mark.parametrize("name", list(FRAMINGS))
@pytest.mark.parametrize("message", [b"", b"hola", "¿qué?".encode(), b"\xff", b"x" * 100_000])
def test_what_is_encoded_comes_back(name, message):
    framing = FRAMINGS.get(name)()
    (got,) = framing.feed(framing.encode(message))
    assert framing.strip(got) == message


def test_an_unended_message_is_not_stripped():
    assert FRAMINGS.get("line")().strip(b"hola\r") == b"hola\r"


@pytest.mark.parametrize("piece", [1, 100, 65_536])
def test_a_huge_line_in_pieces(piece):
    framing = FRAMINGS.get("line")()
    size = 5_000_000 if piece > 1 else 500_000
    for _ in range(size // piece):
        assert framing.feed(b"x" * piece) == []
    (line,) = framing.feed(b"\n")
    assert len(line) == size // piece * piece + 1


def test_the_nearest_framing_is_named():
    with pytest.raises(KeyError, match="the nearest is 'line'"):
        FRAMINGS.get("lines")

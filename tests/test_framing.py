"""Framings as tables: each row runs whole, byte by byte, in odd pieces, and with an unfinished message behind it."""

import tracemalloc

import pytest

from grader.model import Field, Message, Protocol
from grader.wire.framing import LARGEST, SHOWN, Broken
from grader.wire.framings import FRAMINGS, framing

PLATE = Message("plate", (Field("type", "u8", constant="32"), Field("plate", "text", length="u8"), Field("at", "u16")))
BEAT = Message("beat", (Field("type", "u8", constant="65"),))

# The protocols of the table: a framing, its settings, and what messages hold.
PROTOCOLS = {
    "line": Protocol(),
    "crlf": Protocol("line", {"line": "crlf"}),
    "short lines": Protocol(max_line=10),
    "u8": Protocol("length", {"length": "u8"}),
    "u16": Protocol("length", {"length": "u16"}),
    "u16 little": Protocol("length", {"length": "u16", "order": "little"}),
    "u32 all": Protocol("length", {"length": "u32", "counts": "all"}),
    "u64": Protocol("length", {"length": "u64"}, order="little"),
    "digits": Protocol("length", {"length": "digits"}),
    "digits line": Protocol("length", {"length": "digits", "end": "\n"}),
    "4 digits": Protocol("length", {"length": "4 digits"}),
    "fixed": Protocol("fixed", {"fixed": 8}),
    "fixed zero": Protocol("fixed", {"fixed": 8, "pad": "zero"}),
    "header": Protocol("header", {"header": 8}),
    "until": Protocol("until", {"until": "\r\n.\r\n"}),
    "nul": Protocol("nul"),
    "block": Protocol("block"),
    "headers": Protocol("headers"),
    "headers body": Protocol("headers", {"shows": "body"}),
    "counted": Protocol("counted", {"counted": "SEND <*> <size> | FILE <size>", "tail": "\n"}),
    "json-lines": Protocol("json-lines", body="json"),
    "json": Protocol("json", body="json"),
    "resp": Protocol("resp"),
    "messages": Protocol("messages", messages=(PLATE, BEAT)),
    "messages in u16": Protocol("length", {"length": "u16"}, messages=(PLATE, BEAT)),
    "datagram": Protocol("datagram"),
}

# protocol, what comes, the complete messages in it, how they read in a play, what is left over
ROWS = [
    ("line", b"", [], [], b""),
    ("line", b"hola\n", [b"hola\n"], ["hola"], b""),
    ("line", b"hola\r\n", [b"hola\r\n"], ["hola"], b""),
    ("line", b"\n\r\n", [b"\n", b"\r\n"], ["", ""], b""),
    ("line", b"uno\ndos\r\ntres\n", [b"uno\n", b"dos\r\n", b"tres\n"], ["uno", "dos", "tres"], b""),
    ("line", b"uno\rdos\n", [b"uno\rdos\n"], ["uno\rdos"], b""),
    ("line", b"uno\r\r\n", [b"uno\r\r\n"], ["uno\r"], b""),
    ("line", b"\xff\x00\xfe\n", [b"\xff\x00\xfe\n"], ["\udcff\0\udcfe"], b""),
    ("line", "mañana\n".encode(), ["mañana\n".encode()], ["mañana"], b""),
    ("line", b"uno\ndos", [b"uno\n"], ["uno"], b"dos"),
    ("line", b"uno\n\r", [b"uno\n"], ["uno"], b"\r"),
    ("line", b"a\x0bb\x1cc\x85d\n", [b"a\x0bb\x1cc\x85d\n"], ["a\x0bb\x1cc\udc85d"], b""),
    ("short lines", b"123456789\nuno\r\n", [b"123456789\n", b"uno\r\n"], ["123456789", "uno"], b""),
    ("crlf", b"uno\r\ndos\n", [b"uno\r\n", b"dos\n"], ["uno", "dos"], b""),
    ("u8", b"\x04hola\x00\x01x", [b"\x04hola", b"\x00", b"\x01x"], ["hola", "", "x"], b""),
    ("u16", b"\x00\x04hola\x00", [b"\x00\x04hola"], ["hola"], b"\x00"),
    ("u16", b"\x00\x02\n\n\x00\x04hol", [b"\x00\x02\n\n"], ["\n\n"], b"\x00\x04hol"),
    ("u16 little", b"\x04\x00hola", [b"\x04\x00hola"], ["hola"], b""),
    (
        "u32 all",
        b"\x00\x00\x00\x08hola\x00\x00\x00\x04",
        [b"\x00\x00\x00\x08hola", b"\x00\x00\x00\x04"],
        ["hola", ""],
        b"",
    ),
    ("u64", b"\x02\0\0\0\0\0\0\0hi", [b"\x02\0\0\0\0\0\0\0hi"], ["hi"], b""),
    ("digits", b"4:hola0:11:hola, mundo1", [b"4:hola", b"0:", b"11:hola, mundo"], ["hola", "", "hola, mundo"], b"1"),
    ("digits line", b"4\nhola", [b"4\nhola"], ["hola"], b""),
    ("4 digits", b"0004hola0000", [b"0004hola", b"0000"], ["hola", ""], b""),
    ("fixed", b"hola    adios   ho", [b"hola    ", b"adios   "], ["hola", "adios"], b"ho"),
    ("fixed zero", b"hola\0\0\0\0 a b    ", [b"hola\0\0\0\0", b" a b    "], ["hola", " a b    "], b""),
    ("header", b"4       hola0       ", [b"4       hola", b"0       "], ["hola", ""], b""),
    ("header", b"4       ho", [], [], b"4       ho"),
    ("until", b"a.\r\nb\r\n.\r\n\r\n.\r\n\r\n.", [b"a.\r\nb\r\n.\r\n", b"\r\n.\r\n"], ["a.\r\nb", ""], b"\r\n."),
    ("nul", b"hola\0\0a\nb\0x", [b"hola\0", b"\0", b"a\nb\0"], ["hola", "", "a\nb"], b"x"),
    (
        "block",
        b"a: 1\nb: 2\n\nc\r\n\r\nd\n\r\n",
        [b"a: 1\nb: 2\n\n", b"c\r\n\r\n", b"d\n\r\n"],
        ["a: 1\nb: 2", "c", "d"],
        b"",
    ),
    ("block", b"a\n\n\n", [b"a\n\n"], ["a"], b"\n"),
    (
        "headers",
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length:  4\r\n\r\nholaX",
        [b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"HTTP/1.1 200 OK\r\ncontent-length:  4\r\n\r\nhola"],
        ["GET / HTTP/1.1\r\nHost: a", "HTTP/1.1 200 OK\r\ncontent-length:  4\r\n\r\nhola"],
        b"X",
    ),
    ("headers", b"a: b\n\nx: y\n\n", [b"a: b\n\n", b"x: y\n\n"], ["a: b", "x: y"], b""),
    ("headers body", b"Content-Length: 4\r\n\r\n\r\n\r\n", [b"Content-Length: 4\r\n\r\n\r\n\r\n"], ["\r\n\r\n"], b""),
    (
        "counted",
        b"HELLO\nSEND ana 5\nho\nla\nSENT\nFILE 0\n\nSEND x",
        [b"HELLO\n", b"SEND ana 5\nho\nla\n", b"SENT\n", b"FILE 0\n\n"],
        ["HELLO", "SEND ana 5\nho\nla", "SENT", "FILE 0\n"],
        b"SEND x",
    ),
    ("json-lines", b'{"a": 1}\n[]\nno\n', [b'{"a": 1}\n', b"[]\n", b"no\n"], ['{"a": 1}', "[]", "no"], b""),
    ("json", b'{"a": "}{"}[1,\n 2]', [b'{"a": "}{"}', b"[1,\n 2]"], ['{"a": "}{"}', "[1,\n 2]"], b""),
    (
        "json",
        b' \n{"a\\"}": {}} 7 true"x\\\\"',
        [b' \n{"a\\"}": {}}', b" 7", b" true", b'"x\\\\"'],
        ['{"a\\"}": {}}', "7", "true", '"x\\\\"'],
        b"",
    ),
    ("json", b'{} \t{"a', [b"{}"], ["{}"], b' \t{"a'),
    ("resp", b"+OK\r\n-ERR no\r\n:7\r\n", [b"+OK\r\n", b"-ERR no\r\n", b":7\r\n"], ["+OK", "-ERR no", ":7"], b""),
    (
        "resp",
        b"$4\r\nho\r\n\r\n$-1\r\n$0\r\n\r\n",
        [b"$4\r\nho\r\n\r\n", b"$-1\r\n", b"$0\r\n\r\n"],
        ['"ho\\r\\n"', "nil", '""'],
        b"",
    ),
    (
        "resp",
        b"*3\r\n:1\r\n*2\r\n$1\r\na\r\n*0\r\n+x\r\n*-1\r\n*1\r\n",
        [b"*3\r\n:1\r\n*2\r\n$1\r\na\r\n*0\r\n+x\r\n", b"*-1\r\n"],
        ['[:1, ["a", []], +x]', "nil"],
        b"*1\r\n",
    ),
    (
        "messages",
        b"\x20\x04UN1X\x00\x2dA\x20\x00\x01\x00",
        [b"\x20\x04UN1X\x00\x2d", b"A", b"\x20\x00\x01\x00"],
        ['plate plate="UN1X" at=45', "beat", 'plate plate="" at=256'],
        b"",
    ),
    ("messages", b"A\x20\x04UN", [b"A"], ["beat"], b"\x20\x04UN"),
    (
        "messages in u16",
        b"\x00\x01A\x00\x04\x20\x00\x00\x07\x00\x02AA",
        [b"\x00\x01A", b"\x00\x04\x20\x00\x00\x07", b"\x00\x02AA"],
        ["beat", 'plate plate="" at=7', "0x4141"],
        b"",
    ),
]
PIECES = {"whole": 1 << 20, "bytes": 1, "threes": 3}
BEHIND = {
    "line": b"not ended", "short lines": b"not ended", "crlf": b"x\r", "u8": b"\x05ho", "u16": b"\x01", "u16 little": b"\x05\x00h", "u32 all": b"\0",
    "u64": b"\x01\0", "digits": b"12:hola", "digits line": b"3\n", "4 digits": b"00", "fixed": b"ho", "fixed zero": b"\0",
    "header": b"5   ", "until": b".\r\n.", "nul": b"ho", "block": b"a\n", "headers": b"GET", "headers body": b"Content-Length: 3\r\n\r\nxy",
    "counted": b"SEND ana 9\nho", "json-lines": b"[", "json": b'["a\\', "resp": b"*2\r\n:1\r\n", "messages": b"\x20\x09a",
    "messages in u16": b"\x00\x08\x20",
}  # fmt: skip
"""An unfinished message of each protocol."""


@pytest.mark.parametrize("pieces", list(PIECES))
@pytest.mark.parametrize("row", ROWS, ids=repr)
def test_what_comes_is_cut_into_messages(row, pieces):
    name, data, messages, texts, rest = row
    made = framing(PROTOCOLS[name])
    size = PIECES[pieces]
    got = [message for at in range(0, len(data), size) for message in made.feed(data[at : at + size])]
    assert got == messages
    assert [made.text(message) for message in got] == texts
    assert (made.rest(), made.broken) == (rest, None)


@pytest.mark.parametrize(("name", "data", "messages", "texts", "rest"), [row for row in ROWS if not row[-1]])
def test_what_comes_behind_is_kept(name, data, messages, texts, rest):
    made = framing(PROTOCOLS[name])
    assert made.feed(data + BEHIND[name]) == messages
    assert made.rest() == BEHIND[name]
    again = framing(PROTOCOLS[name])
    assert [
        m for at in range(len(data + BEHIND[name])) for m in again.feed((data + BEHIND[name])[at : at + 1])
    ] == messages
    assert again.rest() == BEHIND[name]


def test_every_framing_has_its_rows():
    other = {
        "none",
        "datagram",
        "websocket",
        "heard",
        "python",
    }  # below, in test_websocket.py, test_dialects.py, test_doors.py
    assert {PROTOCOLS[row[0]].framing for row in ROWS} == set(FRAMINGS) - other
    assert set(BEHIND) == {row[0] for row in ROWS}


TEXTS = [name for name in PROTOCOLS if not name.startswith(("json", "resp", "messages"))]
BODIES = {"empty": "", "short": "hola", "letters": "¿qué?", "a byte": "\udcff"}


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("body", list(BODIES))
def test_what_goes_out_comes_back(name, body):
    made = framing(PROTOCOLS[name])
    (got,) = made.feed(made.outgoing(BODIES[body]))
    assert made.text(got) == BODIES[body]


@pytest.mark.parametrize(
    "name",
    [name for name in TEXTS if framing(PROTOCOLS[name]).most() is None and name not in ("headers", "short lines")],
)
def test_a_long_message_goes_out_and_comes_back(name):
    made = framing(PROTOCOLS[name])
    data = made.outgoing("x" * 100_000)
    got = [
        m
        for at in range(0, len(data), 1000)
        for m in ([data] if name == "datagram" else made.feed(data[at : at + 1000]))
    ]
    assert made.text(got[0]) == "x" * 100_000


# protocol, what a play sends, the bytes
SENT = [
    ("crlf", "NICK ana", b"NICK ana\r\n"),
    ("u16 little", "hola", b"\x04\x00hola"),
    ("u32 all", "hola", b"\x00\x00\x00\x08hola"),
    ("4 digits", "hola", b"0004hola"),
    ("header", "hola", b"4       hola"),
    ("fixed", "hola", b"hola    "),
    ("headers", "GET / HTTP/1.1\r\nHost: a", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("headers", "POST / HTTP/1.1\r\n\r\nhola", b"POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nhola"),
    ("headers", "POST /\r\ncontent-length: 9\r\n\r\nhola", b"POST /\r\ncontent-length: 9\r\n\r\nhola"),
    ("headers body", "hola", b"Content-Length: 4\r\n\r\nhola"),
    ("counted", "SEND ana 4\nhola", b"SEND ana 4\nhola\n"),
    ("counted", "LIST", b"LIST\n"),
    ("resp", 'SET k "two \\"words\\""', b'*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$11\r\ntwo "words"\r\n'),
    ("messages", 'plate plate="UN1X" at=45', b"\x20\x04UN1X\x00\x2d"),
    ("messages", "plate plate=a at=70000", b"\x20\x01a\x11\x70"),
    ("messages in u16", "beat", b"\x00\x01A"),
    ("messages", "0x4141", b"AA"),
]


@pytest.mark.parametrize(("name", "text", "data"), SENT)
def test_what_a_play_sends(name, text, data):
    assert framing(PROTOCOLS[name]).outgoing(text) == data


# protocol, what a hostile server sends, why that is no stream of this protocol, what of it is known
HOSTILE = [
    ("u64", (1 << 63).to_bytes(8, "little") + b"x", "too-long", {"length": (1 << 63) + 8, "limit": LARGEST}),
    ("u32 all", b"\x00\x00\x00\x03", "length", {}),
    ("digits", b"99999999999999999999:", "too-long", {"length": 10**20 + 20, "limit": LARGEST}),
    ("digits", b"hola", "length", {}),
    ("digits", b"1" * 30, "length", {}),
    ("digits", b"-1:", "length", {}),
    ("4 digits", b"hola", "length", {}),
    ("header", b"hola mundo", "length", {}),
    ("headers", b"content-length: -1\r\n\r\n", "length", {}),
    ("headers", b"content-length: 9e9\r\n\r\n", "length", {}),
    ("headers", b"Content-Length: 99999999999\r\n\r\n", "too-long", {"length": 99_999_999_999 + 31, "limit": LARGEST}),
    ("headers", b"a: b\r\n" * 20_000, "endless", {"limit": 64 << 10}),
    ("counted", b"FILE 9999999999\n", "too-long", {"length": 2 * LARGEST + 17, "limit": LARGEST}),
    ("json", b"hola ", "json", {}),
    ("json", b"]", "json", {}),
    ("json", b"{]", "json", {}),
    ("json", b"1" * 1000, "json", {}),
    ("json", b"[" * 100_000, "deep", {"limit": 64}),
    ("resp", b"hola\r\n", "kind", {}),
    ("resp", b"$9999999999\r\n", "too-long", {"length": 9_999_999_999, "limit": LARGEST}),
    ("resp", b"*99999999999999999999\r\n", "too-long", {"length": 99_999_999_999_999_999_999, "limit": LARGEST}),
    ("resp", b"$-2\r\n", "length", {}),
    ("resp", b"*1\r\n" * 100, "deep", {"limit": 16}),
    ("messages", b"\x99hola", "message", {}),
    ("line", b"x" * (LARGEST + 1), "endless", {"limit": LARGEST}),
    ("short lines", b"x" * 9 + b"\n" + b"y" * 11, "long-line", {"limit": 10}),
    ("short lines", b"x" * 10 + b"\n", "long-line", {"limit": 10}),
    ("nul", b"x" * (LARGEST + 1), "endless", {"limit": LARGEST}),
    ("until", b"\r\n,." * (LARGEST // 3), "endless", {"limit": LARGEST}),
    ("json", b" " * (LARGEST + 1), "endless", {"limit": LARGEST}),
    ("resp", b"*4000000\r\n" + b":1\r\n" * 2_000_000, "endless", {"limit": LARGEST}),
]


@pytest.mark.parametrize("piece", [1 << 16, 1 << 12])
@pytest.mark.parametrize(
    ("name", "data", "why", "facts"), HOSTILE, ids=[f"{row[0]} {row[2]} {row[1][:12]}" for row in HOSTILE]
)
def test_a_stream_that_can_not_be_read_is_a_value(name, data, why, facts, piece):
    made = framing(PROTOCOLS[name])
    got = [m for at in range(0, len(data), piece) for m in made.feed(data[at : at + piece])]
    assert made.broken == Broken(why, facts)
    assert Broken.read(made.broken.note()) == made.broken
    assert made.shown == data[len(b"".join(got)) :][:SHOWN]
    assert (made.rest(), made.feed(b"hola\n" * 10)) == (b"", [])


def test_messages_before_the_fault_are_kept():
    made = framing(PROTOCOLS["u64"])
    assert made.feed(b"\x02\0\0\0\0\0\0\0hi" + b"\xff" * 8) == [b"\x02\0\0\0\0\0\0\0hi"]
    assert made.broken is not None


@pytest.mark.parametrize("name", [name for name in PROTOCOLS if name != "datagram" and "fixed" not in name])
def test_what_is_kept_is_bounded(name):
    """A server that sends for ever: the grader keeps no more than a message, whatever the framing."""
    made = framing(PROTOCOLS[name])
    start = {"json": b"[", "resp": b"*9\r\n", "u64": (1 << 22).to_bytes(8, "little")}.get(name, BEHIND[name])
    piece = b"5" * 65_536
    tracemalloc.start()
    try:
        made.feed(start)
        for _ in range(80):
            made.feed(piece)
        assert tracemalloc.get_traced_memory()[0] < 3 * LARGEST
    finally:
        tracemalloc.stop()
    assert len(made.rest()) <= LARGEST + len(piece)


@pytest.mark.parametrize("piece", [1, 100, 65_536])
def test_a_huge_line_in_pieces(piece):
    made = framing(Protocol())
    size = 4_000_000 if piece > 1 else 500_000
    for _ in range(size // piece):
        assert made.feed(b"x" * piece) == []
    (line,) = made.feed(b"\n")
    assert len(line) == size // piece * piece + 1


@pytest.mark.parametrize("name", ["nul", "until", "json", "resp", "headers", "counted", "messages"])
def test_each_byte_is_searched_once(name):
    # No time is asserted: a search that begins again with each byte takes minutes, and the suite's own limit ends it.
    made = framing(PROTOCOLS[name])
    data = {"json": b'["' + b"x" * 200_000, "resp": b"+" + b"x" * 200_000, "headers": b"a: " + b"x" * 60_000}.get(
        name, b"x" * 200_000
    )
    if name == "messages":
        data = b"\x20\xff" + b"x" * 250
    for at in range(len(data)):
        assert made.feed(data[at : at + 1]) == []


def test_an_unended_message_is_not_stripped():
    assert framing(Protocol()).strip(b"hola\r") == b"hola\r"


@pytest.mark.parametrize(
    ("end", "data", "odd"),
    [("lf", b"a\n", False), ("lf", b"a\r\n", True), ("crlf", b"a\r\n", False), ("crlf", b"a\n", True),
     ("either", b"a\n", False), ("either", b"a\r\n", False), ("crlf", b"a", False)],
)  # fmt: skip
def test_the_end_of_a_line_is_the_one_of_the_protocol(end, data, odd):
    assert framing(Protocol("line", {"line": end})).odd_end(data) is odd


def test_without_framing_a_silence_ends_a_message():
    made = framing(Protocol("none"))
    assert (made.feed(b"ho"), made.feed(b"la\n")) == ([], [])
    assert (made.flush(), made.flush()) == ([b"hola\n"], [])
    assert made.by_quiet


def test_each_datagram_is_a_message():
    made = framing(PROTOCOLS["datagram"])
    assert [made.feed(data) for data in (b"uno", b"", b"dos\n")] == [[b"uno"], [b""], [b"dos\n"]]


def test_a_message_is_never_longer_than_its_length_can_say():
    made = framing(PROTOCOLS["u8"])
    assert made.most() == 255
    assert made.feed(made.outgoing("x" * 300)) == [b"\xff" + b"x" * 255]


def test_the_nearest_framing_is_named():
    with pytest.raises(KeyError, match="the nearest is 'line'"):
        FRAMINGS.get("lines")

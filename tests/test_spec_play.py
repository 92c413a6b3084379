"""The transcript grammar, line by line: what is understood and as what, what is refused and with which words.

In each play ana and beto have joined, and <name> is a declared word.
"""

import pytest

from grader.model import SERVER, Block, Verb
from grader.spec.complaints import Complaints, Spot
from grader.spec.expand import count, expand
from grader.spec.grammar import parse_play
from grader.spec.keys import Reading
from grader.spec.sense import check_join, check_play

WORDS = {"name": "[a-z]{1,20}"}


def read(text, *, join=False):
    complaints = Complaints("play", text)
    written = parse_play(
        text,
        lambda number, _line: Spot(complaints.place(number + 1, 1)),
        Reading(complaints, words=WORDS),
        ("me",) if join else (SERVER,),
    )
    if join:
        check_join(written, WORDS, complaints)
    else:
        check_play(written, ("ana", "beto"), WORDS, complaints)
    return [x.line for x in written], complaints


# a play, and what its lines are: who, verb, argument, times
UNDERSTOOD = [
    ("ana (skips to <x)", [("ana", "SKIPS_TO", "<x", 1)]),
    ("ana < <x>\nbeto > <x>", [("ana", "EXPECT", "<x>", 1), ("beto", "SEND", "<x>", 1)]),
    (
        "together:\n  ana < <x>\n  ana > <x>\nbeto > <x>",
        [("ana", "EXPECT", "<x>", 1), ("ana", "SEND", "<x>", 1), ("beto", "SEND", "<x>", 1)],
    ),
    (
        "ana (is disconnected)\nana (leaves)\nana (joins)\nana > x",
        [("ana", "IS_DISCONNECTED", "", 1), ("ana", "LEAVES", "", 1), ("ana", "JOINS", "", 1), ("ana", "SEND", "x", 1)],
    ),
    ("ana (is disconnected)\nana (joins)", [("ana", "IS_DISCONNECTED", "", 1), ("ana", "JOINS", "", 1)]),
    ("eva (connects)\neva > x", [("eva", "CONNECTS", "", 1), ("eva", "SEND", "x", 1)]),
    ("eva (joins)\neva > x", [("eva", "JOINS", "", 1), ("eva", "SEND", "x", 1)]),
    (
        "server (stops)\nana (is disconnected)\nserver (starts)\nana (joins)",
        [
            ("server", "STOPS", "", 1),
            ("ana", "IS_DISCONNECTED", "", 1),
            ("server", "STARTS", "", 1),
            ("ana", "JOINS", "", 1),
        ],
    ),
    ("ana > a < b", [("ana", "SEND", "a < b", 1)]),
    ("ana < a > b", [("ana", "EXPECT", "a > b", 1)]),
    ("ana >", [("ana", "SEND", "", 1)]),
    ("ana <", [("ana", "EXPECT", "", 1)]),
    ("# only\nana > x", [("ana", "SEND", "x", 1)]),
    ("ana > # no comment", [("ana", "SEND", "# no comment", 1)]),
    ("ana > a\\s", [("ana", "SEND", "a\\s", 1)]),
    ("ana, beto < x | y  3 times", [("ana,beto", "EXPECT", "x | y", 3)]),
    ("ana << x\\r\\n", [("ana", "EXPECT_RAW", "x\\r\\n", 1)]),
    ("ana (skips to * <name> left)", [("ana", "SKIPS_TO", "* <name> left", 1)]),
    ("ana > 3 times", [("ana", "SEND", "3 times", 1)]),
    ("ana > x 3 times", [("ana", "SEND", "x 3 times", 1)]),
    ("ana >  x", [("ana", "SEND", " x", 1)]),
    ("ana    >    x", [("ana", "SEND", "   x", 1)]),
    ("ana > <i>  3 times\nbeto < ana: <i>  3 times", [("ana", "SEND", "<i>", 3), ("beto", "EXPECT", "ana: <i>", 3)]),
    ("ana < <name>", [("ana", "EXPECT", "<name>", 1)]),
    ("ana > a | b", [("ana", "SEND", "a | b", 1)]),
    ("ana, beto > x", [("ana,beto", "SEND", "x", 1)]),
    ("c1..c3 (joins)", [("c1,c2,c3", "JOINS", "", 1)]),
    ("ana> x", [("ana", "SEND", "x", 1)]),
    ("ana(leaves)", [("ana", "LEAVES", "", 1)]),
    ("ana (skips to f(x) > (y))", [("ana", "SKIPS_TO", "f(x) > (y)", 1)]),
    ("ana <? x", [("ana", "EXPECT_MAYBE", "x", 1)]),
    (
        "ana (freezes)\nana (thaws)\nana < x",
        [("ana", "FREEZES", "", 1), ("ana", "THAWS", "", 1), ("ana", "EXPECT", "x", 1)],
    ),
    (
        "ana (freezes)\nana > x\nana (leaves)",
        [("ana", "FREEZES", "", 1), ("ana", "SEND", "x", 1), ("ana", "LEAVES", "", 1)],
    ),
    (
        "ana (half-closes)\nana < x\nana (is disconnected)",
        [("ana", "HALF_CLOSES", "", 1), ("ana", "EXPECT", "x", 1), ("ana", "IS_DISCONNECTED", "", 1)],
    ),
    (
        "ana (crashes)\nana (connects)\nana > x",
        [("ana", "CRASHES", "", 1), ("ana", "CONNECTS", "", 1), ("ana", "SEND", "x", 1)],
    ),
    (
        "server (listens)\nserver (is running)\nserver (gets SIGINT)",
        [("server", "LISTENS", "", 1), ("server", "IS_RUNNING", "", 1), ("server", "GETS", "SIGINT", 1)],
    ),
    ("ana < <name>\nbeto > <name>", [("ana", "EXPECT", "<name>", 1), ("beto", "SEND", "<name>", 1)]),
    ("ana < <x> y <x>", [("ana", "EXPECT", "<x> y <x>", 1)]),
    ("\n# a comment\n\n  # another\nana > x\n", [("ana", "SEND", "x", 1)]),
]

# a play that can't be used, and every complaint: place, what is wrong, what to do
REFUSED = [
    ("ana hola", [("1:1", "'ana hola' is no line of a play.", "Write `ana > text`, `ana < text` or `ana (act)`.")]),
    ("ana >hola", [("1:5", "A space belongs after >.", "Write `ana > hola`.")]),
    ("ana <hola", [("1:5", "A space belongs after <.", "Write `ana < hola`.")]),
    ("ana <?x", [("1:5", "A space belongs after <?.", "Write `ana <? x`.")]),
    ("ana > hola ", [("1:11", "Spaces at the end of a line can't be seen.", "Remove them, or write \\s for a space.")]),
    ("ana > ", [("1:6", "Spaces at the end of a line can't be seen.", "Remove them, or write \\s for a space.")]),
    ("\tana > hola", [("1:1", "A tab stands before this line.", "Indent with spaces.")]),
    (
        "  ana > hola",
        [
            (
                "1:3",
                "This line is indented and stands under no group.",
                "Only lines under `together:`, `any order:` and `repeat` are indented.",
            )
        ],
    ),
    ("> hola", [("1:1", "The name of a client is missing here.", "Write `ana` or `ana, beto`.")]),
    ("ana, > hola", [("1:6", "The name of a client is missing here.", "Write `ana` or `ana, beto`.")]),
    ("ana beto > hola", [("1:1", "'ana beto' is no name for a client.", "A comma stands between two names.")]),
    ("ana, ana > hola", [("1:1", "'ana' stands here twice.", "")]),
    ("bto > hola", [("1:1", "No client is called 'bto' here.", "The nearest is 'beto'.")]),
    (
        "eva > hola",
        [("1:1", "No client is called 'eva' here.", "Name it in `clients:`, or write `eva (joins)` before.")],
    ),
    (
        "me > hola",
        [
            (
                "1:1",
                "'me' is a word of the language, not the name of a client.",
                "Name the client itself: `me` stands only in `join:`.",
            )
        ],
    ),
    ("all < x", [("1:1", "'all' is a word of the language, not the name of a client.", "Choose another name.")]),
    ("any (leaves)", [("1:1", "'any' is a word of the language, not the name of a client.", "Choose another name.")]),
    (
        "server < x",
        [
            (
                "1:8",
                "`server <` is no line of a play.",
                "What is typed is `server > text`, what it prints `server (prints text)`.",
            )
        ],
    ),
    (
        "server, ana (leaves)",
        [("1:1", "'server' is a word of the language and acts alone.", "Write a line of its own for it.")],
    ),
    (
        "ana (nothing) # c",
        [("1:5", "An act ends with its parenthesis, and nothing follows.", "A comment stands on a line of its own.")],
    ),
    ("ana (nothin)", [("1:5", "(nothin) is not an act of a client.", "The nearest is 'nothing'.")]),
    (
        "ana (listens)",
        [
            (
                "1:5",
                "(listens) is not an act of a client.",
                "These are: skips to, nothing, connects, joins, accepts, starts, prints, leaves, half-closes, crashes, freezes, thaws, waits, skips the rest, loses, doubles, swaps, acknowledges, does not acknowledge, exits, is disconnected, still connected.",
            )
        ],
    ),
    (
        "server (leaves)",
        [
            (
                "1:8",
                "(leaves) is not an act of the server.",
                "These are: listens, is running, is tidy, gets, stops, starts, restarts, prints, exits.",
            )
        ],
    ),
    ("server (lisens)", [("1:8", "(lisens) is not an act of the server.", "The nearest is 'listens'.")]),
    ("server (gets SIGKILL)", [("1:14", "'SIGKILL' is no signal that can be sent.", "The nearest is 'SIGINT'.")]),
    ("server (gets)", [("1:14", "'' is no signal that can be sent.", "Write SIGTERM or SIGINT.")]),
    ("server (gets TERM)", [("1:14", "'TERM' is no signal that can be sent.", "The nearest is 'SIGTERM'.")]),
    ("ana (waits)", [("1:5", "(waits) needs a time.", "Write (waits 1s) or (waits 400ms).")]),
    ("ana (waits a bit)", [("1:12", "'a bit' is no time.", "Write (waits 1s) or (waits 400ms).")]),
    ("ana (waits 1)", [("1:12", "'1' is no time.", "Write (waits 1s) or (waits 400ms).")]),
    ("ana (waits ..2s)", [("1:12", "'..2s' is no time.", "Write (waits 1s) or (waits 400ms).")]),
    ("ana (waits 0s)", [("1:12", "'0s' is no time that can be waited for.", "60s is the longest.")]),
    ("ana (waits 90s)", [("1:12", "'90s' is no time that can be waited for.", "60s is the longest.")]),
    (
        "eva (waits 1s)",
        [("1:1", "No client is called 'eva' here.", "Name it in `clients:`, or write `eva (joins)` before.")],
    ),
    (
        "ana (skips the rest now)",
        [("1:5", "(skips the rest now) is not an act of a client.", "The nearest is 'skips the rest'.")],
    ),
    (
        "together:\n  ana (nothing)\n  beto > x",
        [
            (
                "2:3",
                "(nothing) makes no sense under `together:`: the others still act.",
                "Write this line at the left.",
            )
        ],
    ),
    (
        "together:\n  ana (skips the rest)\n  beto > x",
        [
            (
                "2:3",
                "(skips the rest) makes no sense under `together:`: the others still act.",
                "Write this line at the left.",
            )
        ],
    ),
    ("server (exits 300)", [("1:15", "'300' is no exit status.", "Write (exits 0), or (exits) for any.")]),
    ("server (prints)", [("1:8", "(prints) needs the text that is printed.", "Write `server (prints ready)`.")]),
    ("ana (leaves now)", [("1:5", "(leaves now) is not an act of a client.", "The nearest is 'leaves'.")]),
    ("ana (skips to)", [("1:5", "(skips to) needs the text to skip to.", "Write `ana (skips to beto: hola)`.")]),
    ("ana < x  within 400", [("1:10", "'400' is no time.", "Write 2s, 400ms..700ms or 400ms.. (not before).")]),
    ("ana < x  within ..", [("1:10", "'..' is no time.", "Write 2s, 400ms..700ms or 400ms.. (not before).")]),
    (
        "ana < x  within 700ms..400ms",
        [
            (
                "1:10",
                "'700ms..400ms' is no time that can be waited for.",
                "The shorter time stands first, and 60s is the longest.",
            )
        ],
    ),
    (
        "ana > x  within 2s",
        [("1:10", "Only < and << lines can be timed, not >.", r"If it is text, write \s for one of the spaces.")],
    ),
    ("ana < x  0 times", [("1:10", "0 times is out of range.", "1 to 100000 are possible.")]),
    (
        "ana <? x  3 times",
        [("1:11", "Only > and < lines can be repeated, not <?.", "If it is text, write \\s for one of the spaces.")],
    ),
    (
        "ana >> x  3 times",
        [("1:11", "Only > and < lines can be repeated, not >>.", "If it is text, write \\s for one of the spaces.")],
    ),
    ("ana > x  200000 times", [("1:10", "200000 times is out of range.", "1 to 100000 are possible.")]),
    (
        "ana > <long 1000000>  100 times",
        [("1:7", "This comes to 100 MB.", "At most 64 MB go over the wire in one line.")],
    ),
    ("ana > \\n", [("1:7", "\\n is understood only after >> and <<.", "Use >> to send raw bytes.")]),
    ("ana < <long x>", [("1:7", "<long x> is not a placeholder.", "Write \\< for a plain <.")]),
    (
        "ana >> a||b",
        [("1:8", "There is a piece without bytes here.", "| is a packet boundary; write \\| for the character.")],
    ),
    (
        "ana >>",
        [("1:8", "There is a piece without bytes here.", "| is a packet boundary; write \\| for the character.")],
    ),
    (
        "ana >> |a",
        [("1:8", "There is a piece without bytes here.", "| is a packet boundary; write \\| for the character.")],
    ),
    (
        "ana > <foo>",
        [("1:7", "<foo> has no value here.", "It must stand in a `<` line before; write \\< for a plain <.")],
    ),
    (
        "ana > <name>",
        [("1:7", "<name> has no value here.", "It must stand in a `<` line before; write \\< for a plain <.")],
    ),
    ("ana > <ana>", [("1:7", "<ana> has no value here.", "The name of a client needs no < >: write ana.")]),
    ("ana > <me>", [("1:7", "<me> has no value here.", "<me> stands only in `join:`; write the client's name.")]),
    ("ana < <foo>", [("1:7", "<foo> gets a value here and is used nowhere else.", "Write <*> if any text will do.")]),
    ("ana < <nme>", [("1:7", "<nme> gets a value here and is used nowhere else.", "The nearest is <name>.")]),
    (
        "ana <? <x>\nbeto > <x>",
        [
            ("1:8", "<x> can't get a value from a line that may not come.", "Write <*> if any text will do."),
            ("2:8", "<x> has no value here.", "It must stand in a `<` line before; write \\< for a plain <."),
        ],
    ),
    (
        "ana < <x> | b\nbeto > <x>",
        [
            ("1:7", "<x> can't get a value from a line that may not come.", "Write <*> if any text will do."),
            ("2:8", "<x> has no value here.", "It must stand in a `<` line before; write \\< for a plain <."),
        ],
    ),
    (
        "ana > <i>",
        [("1:7", "<i> counts repetitions, and this line has none.", "Write two spaces and `3 times` at its end.")],
    ),
    (
        "ana < <i>",
        [("1:7", "<i> counts repetitions, and this line has none.", "Write two spaces and `3 times` at its end.")],
    ),
    (
        "ana (skips to <i>)",
        [("1:15", "<i> counts repetitions, and this line has none.", "Write two spaces and `3 times` at its end.")],
    ),
    ("together:", [("1:1", "No line stands under `together:`.", "Indent the lines that belong to it.")]),
    ("together:\nana > x", [("1:1", "No line stands under `together:`.", "Indent the lines that belong to it.")]),
    ("together:\n  ana > x\n    beto > y", [("3:5", "This line does not line up with the others of its group.", "")]),
    (
        "together:\n  any order:\n    ana > x",
        [
            ("2:3", "`any order:` can't stand inside another group.", "Begin it at the left."),
            ("3:5", "This line does not line up with the others of its group.", ""),
        ],
    ),
    ("together\n", [("1:1", "'together' is no line of a play.", "The nearest is 'together:'.")]),
    ("any ordr:", [("1:1", "'any ordr:' is no line of a play.", "The nearest is 'any order:'.")]),
    (
        "any order:\n  ana > x",
        [("2:3", "Only `<` lines can stand under `any order:`.", "Write this line at the left.")],
    ),
    (
        "any order:\n  ana < <x>\nana > <x>",
        [
            ("2:9", "<x> can't get a value from a line that may not come.", "Write <*> if any text will do."),
            ("3:7", "<x> has no value here.", "It must stand in a `<` line before; write \\< for a plain <."),
        ],
    ),
    (
        "any order:\n  ana (leaves)",
        [("2:3", "Only `<` lines can stand under `any order:`.", "Write this line at the left.")],
    ),
    (
        "together:\n  server (stops)",
        [("2:3", "The server can't act under `together:`.", "Write the line at the left.")],
    ),
    (
        "together:\n  ana < <x>\n  beto > <x>",
        [
            (
                "3:10",
                "<x> has no value here yet.",
                "Under `together:` a name is known only to the client that got it, until the group ends.",
            )
        ],
    ),
    (
        "ana (leaves)\nana > x",
        [("2:1", "ana is gone: `ana >` makes no sense here.", "It comes back with ana (connects) or ana (joins).")],
    ),
    (
        "ana (crashes)\nana (nothing)",
        [("2:1", "ana is gone: (nothing) makes no sense here.", "It comes back with ana (connects) or ana (joins).")],
    ),
    (
        "ana (freezes)\nana (nothing)",
        [("2:1", "ana is frozen and reads nothing: (nothing) makes no sense here.", "First comes ana (thaws).")],
    ),
    (
        "ana (freezes)\nana < x",
        [("2:1", "ana is frozen and reads nothing: `ana <` makes no sense here.", "First comes ana (thaws).")],
    ),
    (
        "ana (freezes)\nana (freezes)",
        [("2:1", "ana is frozen and reads nothing: (freezes) makes no sense here.", "First comes ana (thaws).")],
    ),
    ("ana (thaws)", [("1:1", "ana is connected: (thaws) makes no sense here.", "")]),
    ("ana (connects)", [("1:1", "ana is connected: (connects) makes no sense here.", "")]),
    ("ana (joins)", [("1:1", "ana is connected: (joins) makes no sense here.", "")]),
    (
        "ana (half-closes)\nana > x",
        [("2:1", "ana has half-closed and sends nothing more: `ana >` makes no sense here.", "")],
    ),
    (
        "ana (is disconnected)\nana > x",
        [
            (
                "2:1",
                "ana is disconnected: `ana >` makes no sense here.",
                "It comes back with ana (connects) or ana (joins).",
            )
        ],
    ),
    (
        "ana (is disconnected)\nana < x",
        [
            (
                "2:1",
                "ana is disconnected: `ana <` makes no sense here.",
                "It comes back with ana (connects) or ana (joins).",
            )
        ],
    ),
    ("server (starts)", [("1:1", "The server runs: (starts) makes no sense here.", "")]),
    (
        "server (stops)\nserver (stops)",
        [("2:1", "The server has stopped: (stops) makes no sense here.", "First comes server (starts).")],
    ),
    (
        "server (stops)\nana > x",
        [
            (
                "2:1",
                "ana lost its connection when the server stopped: `ana >` makes no sense here.",
                "It comes back with ana (connects) or ana (joins).",
            )
        ],
    ),
    (
        "server (stops)\neva (connects)",
        [("2:1", "The server has stopped: nobody can connect.", "First comes server (starts).")],
    ),
    (
        "server (restarts)\nana > x",
        [
            (
                "2:1",
                "ana lost its connection when the server stopped: `ana >` makes no sense here.",
                "It comes back with ana (connects) or ana (joins).",
            )
        ],
    ),
    (
        "ana (leaves",
        [("1:5", "An act ends with its parenthesis, and nothing follows.", "A comment stands on a line of its own.")],
    ),
    ("ana (leaves))", [("1:5", "(leaves)) is not an act of a client.", "The nearest is 'leaves'.")]),
    ("(leaves)", [("1:1", "The name of a client is missing here.", "Write `ana` or `ana, beto`.")]),
    ("server", [("1:1", "'server' is no line of a play.", "Write `ana > text`, `ana < text` or `ana (act)`.")]),
    (
        "server (gets SIGTERM) x",
        [("1:8", "An act ends with its parenthesis, and nothing follows.", "A comment stands on a line of its own.")],
    ),
    (
        "c1..c3 > x",
        [
            ("1:1", "No client is called 'c1' here.", "Name it in `clients:`, or write `c1 (joins)` before."),
            ("1:1", "No client is called 'c2' here.", "Name it in `clients:`, or write `c2 (joins)` before."),
            ("1:1", "No client is called 'c3' here.", "Name it in `clients:`, or write `c3 (joins)` before."),
        ],
    ),
    (
        "c1..c0 > x",
        [
            (
                "1:1",
                "'c1..c0' is no range of clients.",
                "Write c1..c200: the same letters, numbers going up, at most 1000.",
            )
        ],
    ),
    (
        "c1..d5 > x",
        [
            (
                "1:1",
                "'c1..d5' is no range of clients.",
                "Write c1..c200: the same letters, numbers going up, at most 1000.",
            )
        ],
    ),
]


@pytest.mark.parametrize(("play", "lines"), UNDERSTOOD, ids=[row[0] for row in UNDERSTOOD])
def test_a_line_is_understood(play, lines):
    read_lines, complaints = read(play)
    complaints.raise_if_any()
    assert [(",".join(x.who), x.verb.name, x.argument, x.times) for x in read_lines] == lines


@pytest.mark.parametrize(("play", "said"), REFUSED, ids=[row[0] for row in REFUSED])
def test_a_line_is_refused(play, said):
    _, complaints = read(play)
    assert [(f"{c.place.line}:{c.place.column}", c.message, c.hint) for c in complaints.found] == said


def test_groups_are_numbered():
    lines, complaints = read("together:\n  ana > a\n  beto > b\nany order:\n    ana < c\n\n    beto < d\nana > e")
    complaints.raise_if_any()
    assert [x.block for x in lines] == [Block("together", 1)] * 2 + [Block("any order", 2)] * 2 + [None]


def test_a_line_keeps_what_was_written_and_where():
    (line,), _ = read("\n\nana   <   x  3 times")
    assert (line.text, line.argument, str(line.place)) == ("ana   <   x  3 times", "  x", "play:3:1")


@pytest.mark.parametrize(
    ("join", "said"),
    [
        ("me < <*>\nme > <me>\nme <? hola <me>\nme (skips to ok)", []),
        ("ana > x", ["In `join:` only `me` acts."]),
        ("me (connects)", ["`me (connects)` can't stand in `join:`."]),
        ("me (crashes)", ["`me (crashes)` can't stand in `join:`."]),
        ("together:\n  me > x", ["Groups can't stand in `join:`."]),
        ("server (stops)", ["'server' is a word of the language, not the name of a client."]),
        ("me > <you>", ["<you> has no value here."]),
        ("me < <room>", ["<room> gets a value here and is used nowhere else."]),
        ("me < <room>\nme > <room>", []),
    ],
)
def test_a_join(join, said):
    _, complaints = read(join, join=True)
    assert [c.message for c in complaints.found] == said


JOIN, _ = read(
    r"""me < name?
me  > <me>
me < welcome <me> \<me> <me""",
    join=True,
)


def test_joins_are_written_out():
    play, _ = read("ana > hola\neva, zoe (joins)\nbeto (leaves)")
    lines = expand(["ana", "beto"], play, JOIN)
    assert [x.text for x in lines] == [
        "ana (connects)", "ana < name?", "ana > ana", r"ana < welcome ana \<me> <me", "server (settles)",
        "beto (connects)", "beto < name?", "beto > beto", r"beto < welcome beto \<me> <me", "server (settles)",
        "ana > hola",
        "eva, zoe (joins)", "eva < name?", "eva > eva", r"eva < welcome eva \<me> <me",
        "eva, zoe (joins)", "zoe < name?", "zoe > zoe", r"zoe < welcome zoe \<me> <me",
        "beto (leaves)",
    ]  # fmt: skip
    assert [x.step for x in lines] == list(range(20))
    assert "".join(x.part[0] for x in lines) == "jjjjjjjjjjppjjjpjjjp"
    assert [x.who for x in lines[10:12]] == [("ana",), ("eva",)]
    assert lines[0].verb is lines[11].verb is lines[15].verb is Verb.CONNECTS
    assert (lines[4].verb, lines[4].who) == (Verb.SETTLES, (SERVER,))
    assert lines[3].argument == r"welcome ana \<me> <me"
    assert count(["ana", "beto"], play, JOIN) == len(lines)


def test_without_a_join_clients_only_connect():
    assert [x.verb for x in expand(["ana"], [], ())] == [Verb.CONNECTS, Verb.SETTLES]


def test_a_join_inside_a_group_belongs_to_it():
    play, _ = read("together:\n  eva (joins)\n  ana > x")
    assert [x.block for x in expand([], play, JOIN)] == [Block("together", 1)] * 5

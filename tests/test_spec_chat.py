"""The course's own spec: its points, its texts, and that it sends nothing which the protocol leaves open."""

import re
from pathlib import Path

import pytest

from grader.errors import SpecError
from grader.model import Verb
from grader.spec.load import load
from grader.wire.dialect import Wording
from grader.wire.match import Template

CHAT = Path(__file__).parent.parent / "specs" / "chat.yaml"

# id, points, concept, needs besides connects, laws
CHECKS = [
    ("starts", 5, "port", [], []),
    ("connects", 5, "host", [], []),
    ("names", 6, "client", [], ["one-welcome"]),
    ("join-notice", 5, "server", [], ["before-welcome"]),
    ("broadcast", 6, "server", [], []),
    ("no-echo", 4, "server", [], ["echo"]),
    ("crlf", 2, "socket", [], ["line-end"]),
    ("who", 4, "server", [], []),
    ("away", 4, "server", [], ["commands"]),
    ("leave-quit", 5, "client", [], []),
    ("leave-close", 6, "socket", [], []),
    ("leave-crash", 6, "socket", [], ["one-notice"]),
    ("leave-once", 3, "server", ["leave-quit"], ["one-notice"]),
    ("rejoin", 3, "client", ["leave-quit"], []),
    ("five-clients", 6, "thread", [], ["lost", "doubled", "torn", "invented", "order"]),
    ("idle-client", 6, "thread", [], []),
    ("slow-reader", 4, "thread", [], []),
    ("split-line", 4, "socket", [], []),
    ("glued-lines", 4, "socket", [], []),
    ("long-line", 2, "socket", [], []),
    ("garbage", 2, "socket", [], []),
    ("crowd", 4, "thread", [], []),
    ("restart", 2, "port", [], []),
    ("stops", 2, "server", [], []),
]


@pytest.fixture(scope="module")
def chat():
    return load(CHAT)


def test_the_checks_and_their_points(chat):
    assert [(c.id, c.points, c.concept, list(c.laws)) for c in chat.checks] == [
        (i, p, k, x) for i, p, k, _, x in CHECKS
    ]
    assert sum(c.points for c in chat.checks) == 100
    own = {"starts": (), "connects": ()}
    assert [c.needs for c in chat.checks] == [own.get(i, ("connects", *needs)) for i, _, _, needs, _ in CHECKS]


def test_every_text_is_there_in_both_languages(chat):
    assert set(chat.title) == {"en", "es"}
    for check in chat.checks:
        for text in (check.title, check.requirement, check.why, check.hint):
            assert set(text) == {"en", "es"}, check.id
            assert all(text.values()), check.id
        assert check.why["en"].endswith("."), check.id
        assert "often" in check.hint["en"].lower(), check.id
        assert "a menudo" in check.hint["es"].lower(), check.id


def test_how_it_is_run(chat):
    assert (chat.language, chat.server.run, chat.server.build) == ("en", "python3 server.py <port>", None)
    assert chat.reference.run == "python3 chat_server.py <port>"
    assert chat.reference_folder == str(CHAT.parent.parent / "reference")
    assert chat.carried == {law for *_, laws in CHECKS for law in laws}
    assert (chat.dialect.welcome, chat.dialect.heard) == ("welcome <name>", "<name>: <text>")


def sends(chat):
    """Every line that is sent: the check, the bytes without the end, and whether they were written raw."""
    for check in chat.checks:
        for line in check.play:
            if line.verb in {Verb.SEND, Verb.SEND_RAW}:
                template = Template.parse(line.argument, chat.dialect.words, raw=line.verb is Verb.SEND_RAW)
                data = b"".join(template.pieces({}, number=1, seed=1))
                for piece in data.split(b"\n"):
                    yield check.id, piece.removesuffix(b"\r")


def test_nothing_is_sent_that_the_protocol_leaves_open(chat):
    for check, line in sends(chat):
        text = line.decode("utf-8", "replace")
        assert text == text.strip(), (check, text)
        assert len(line) < 4000 or len(line) > 8192, (check, len(line))
        assert "\r" not in text and "\0" not in text, (check, text)  # noqa: PT018 - one rule
        assert not re.match(r"/($|\w*[A-Z]|\w+ )", text), (check, text)


def test_every_expected_line_is_one_the_dialect_knows(chat):
    wording = Wording(chat.dialect)
    for check in chat.checks:
        for line in check.play:
            if line.verb is Verb.EXPECT:
                for text in line.argument.split(" | "):
                    plain = re.sub("<[^>]*>", "x", text).replace(r"\s", " ")
                    assert wording.read(plain) is not None, (check.id, line.text)


def test_the_crowd_is_two_hundred_in_few_lines(chat):
    crowd = next(c for c in chat.checks if c.id == "crowd")
    assert crowd.clients == ()
    assert crowd.leftovers_allowed
    assert sum(x.verb is Verb.CONNECTS for x in crowd.play) == 200
    # Each connects and joins (4 lines), the last one speaks (2).
    assert len(crowd.play) == 200 * 4 + 2
    last = crowd.play[-1]
    assert (last.text, len(last.who)) == ("c1..c199 (skips to c200: hola a todos)", 199)


def test_a_ready_made_play_uses_the_words_of_the_course(chat, tmp_path):
    text = (
        CHAT.read_text("utf-8").replace("{clients: 200}", "{clients: 3}").replace("folder: ../reference", "folder: .")
    )
    text = text.replace('heard: "<name>: <text>"', r'heard: "[<name>] \\<dice> <text>"')
    (tmp_path / "chat.yaml").write_text(text, "utf-8")
    crowd = next(c for c in load(tmp_path / "chat.yaml").checks if c.id == "crowd")
    assert [x.text for x in crowd.play if x.part == "play"] == [
        "c1 (joins)",
        "c2 (joins)",
        "c3 (joins)",
        "c3 > hola a todos",
        r"c1..c2 (skips to [c3] \<dice> hola a todos)",
    ]


def test_a_ready_made_play_needs_the_words_of_the_course(tmp_path):
    text = CHAT.read_text("utf-8").replace('  heard: "<name>: <text>"\n', "").replace("../reference", ".")
    (tmp_path / "chat.yaml").write_text(text, "utf-8")
    with pytest.raises(SpecError) as caught:
        load(tmp_path / "chat.yaml")
    assert "crowd needs `heard` in the dialect." in [c.message for c in caught.value.complaints]


def test_the_acts_that_need_care_are_there(chat):
    by_id = {check.id: [line.text for line in check.play] for check in chat.checks}
    assert by_id["starts"] == ["server (listens)"]
    assert by_id["connects"] == ["ana (connects)", "ana < name?", "ana > ana", "ana < welcome ana"]
    assert r"ana  >> hasta ma\xc3|\xb1ana\n" in by_id["split-line"]
    assert by_id["slow-reader"].count("ana  > <i> <long 3990>  140 times") == 10
    assert by_id["restart"][5:9] == ["ana > /quit", "ana <? * ana left", "ana (leaves)", "server (restarts)"]
    assert by_id["stops"][-2:] == ["server (gets SIGINT)", "server (stops)"]

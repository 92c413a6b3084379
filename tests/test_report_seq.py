"""The drawing: every kind of event has its row, red only where something is wrong, and never too many rows."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from report_samples import SAMPLES, crash, echo, eight_clients, ended, flood, joins, one_at_a_time, play, scene, slow

from grader.model import SERVER, Event, Finding, Kind, Thread, Transcript
from grader.report.code import standing
from grader.report.folds import Row, Way, fold_runs
from grader.report.printed import complaints, listing, printed
from grader.report.rows import picture, signal_name
from grader.report.seq import draw, key
from grader.report.sides import sides
from grader.trim import shown_attempt
from grader.words import Sentences

EN = Sentences("en")


def pictured(verdict, **more):
    transcript = shown_attempt(verdict).transcript
    return picture(transcript, transcript.play, verdict.findings, verdict.remarks, EN, **more)


def lines(drawn) -> list[tuple[str, str, str, str]]:
    return [(r.way.value, r.who, r.label, r.tone) for r in drawn.rows]


def test_an_echo():
    assert lines(pictured(echo())) == [
        ("in", "ana", "joins", "faint"),
        ("in", "beto", "joins", "faint"),
        ("in", "caro", "joins", "faint"),
        ("in", "ana", "hola a todos⏎", ""),
        ("out", "ana", "ana: hola a todos⏎", "forbid"),
        ("out", "beto", "ana: hola a todos⏎", ""),
        ("out", "caro", "ana: hola a todos⏎", ""),
    ]


def test_a_crash():
    drawn = pictured(crash())
    assert lines(drawn)[3:] == [
        ("in", "beto", "is cut off (reset)", ""),
        ("server", "", "ConnectionResetError", "boom"),
        ("out", "ana", "* beto left⏎", "miss"),
        ("out", "caro", "* beto left⏎", "miss"),
    ]
    assert [r.mark for r in drawn.rows[-2:]] == ["✕ never came"] * 2
    assert drawn.story == (
        "Beto is cut off. The server reports “ConnectionResetError”. Ana waits for “* beto left⏎”, which never comes."
        " Caro waits for “* beto left⏎”, which never comes."
    )


def test_a_client_that_does_not_read():
    rows = pictured(slow()).rows
    assert [r.label for r in rows if r.way is Way.CLIENT] == ["stops reading"]
    assert any("(4 MB)" in r.label for r in rows)


def test_a_server_that_ends():
    drawn = pictured(ended().verdicts[1])
    assert ("server", "", "ended, signal SIGSEGV", "boom") in lines(drawn)
    assert ("out", "ana", "connection reset", "") in lines(drawn)


def test_a_connection_that_is_never_accepted():
    drawn = pictured(one_at_a_time().verdicts[2])
    assert (drawn.rows[-1].way, drawn.rows[-1].mark) == (Way.IN, "✕ never accepted")


def test_a_line_instead_of_another():
    ana = ("ana",)
    script = "0.02 ana sent 0 hola\\n\n0.03 ana received - wrong\\n\n0.04 ana gave-up 1 right"
    transcript = scene("x", script, play("ana > hola", "ana < right", joining=ana), joining=ana)
    finding = Finding("came-instead", {"who": ["ana"], "text": "right", "got": "wrong"}, (5, 6))
    drawn = picture(transcript, transcript.play, (finding,), (), EN)
    assert [(r.tone, r.mark) for r in drawn.rows[-2:]] == [
        ("forbid", "✕ another line was due"),
        ("miss", "✕ was due here"),
    ]
    (row,) = [s for s in sides(transcript, None, transcript.play, (finding,), EN) if s.differs]
    assert "wrong" in row.yours
    assert "never" not in row.yours


@pytest.mark.parametrize(
    ("kind", "note", "way", "label"),
    [
        (Kind.CLOSED, "", Way.IN, "closes"),
        (Kind.HALF_CLOSED, "", Way.IN, "sends no more"),
        (Kind.CRASHED, "", Way.IN, "is cut off (reset)"),
        (Kind.FROZEN, "", Way.CLIENT, "stops reading"),
        (Kind.THAWED, "", Way.CLIENT, "reads again"),
        (Kind.SERVER_CLOSED, "", Way.OUT, "connection closed"),
        (Kind.SERVER_RESET, "", Way.OUT, "connection reset"),
        (Kind.REFUSED, "Connection refused", Way.IN, "connects"),
    ],
)
def test_every_kind_of_event_of_a_client_has_a_row(kind, note, way, label):
    events = (*joins("ana"), Event(0.05, "ana", kind, note=note, step=5))
    transcript = Transcript("x", "submission", 1, events, play("ana > x", joining=("ana",)))
    row = picture(transcript, transcript.play, (), (), EN).rows[-1]
    assert (row.way, row.label) == (way, label)
    assert row.telling == (kind in (Kind.REFUSED, Kind.FROZEN, Kind.THAWED))


@pytest.mark.parametrize(
    ("kind", "note", "label"),
    [
        (Kind.EXITED, "0", "ended, status 0"),
        (Kind.EXITED, "-9", "ended, signal SIGKILL"),
        (Kind.EXITED, "None", "ended"),
        (Kind.SIGNALLED, "SIGTERM", "got SIGTERM"),
        (Kind.SIGNALLED, "15", "got SIGTERM"),
        (Kind.STARTED, "", "started"),
        (Kind.LISTENING, "5000", "listens"),
    ],
)
def test_every_kind_of_event_of_the_server_has_a_row(kind, note, label):
    events = (*joins("ana"), Event(0.05, "ana", Kind.SENT, b"x\n", step=5), Event(0.06, SERVER, kind, note=note))
    transcript = Transcript("x", "submission", 1, events, play("ana > x", joining=("ana",)))
    row = picture(transcript, transcript.play, (), (), EN).rows[-1]
    assert (row.way, row.label, row.tone in ("", "faint")) == (Way.SERVER, label, True)


def test_what_the_closing_causes_is_not_drawn():
    events = (*joins("ana"), Event(0.05, SERVER, Kind.NOTED, note="end"), Event(0.06, "ana", Kind.SERVER_CLOSED))
    transcript = Transcript("x", "submission", 1, events, play(joining=("ana",)))
    assert all(r.kind is not Kind.SERVER_CLOSED for r in picture(transcript, transcript.play, (), (), EN).rows)


def test_without_a_client_there_is_nothing_to_draw():
    assert pictured(SAMPLES["nothing-starts"]().verdicts[0]) is None


@pytest.mark.parametrize("cap", [60, 26, 12])
@pytest.mark.parametrize("messages", [50, 300, 5000])
def test_a_flood_is_folded_and_keeps_its_fault(messages, cap):
    drawn = pictured(flood(messages).verdicts[0], cap=cap)
    assert len(drawn.rows) <= cap
    assert [r.mark for r in drawn.rows if r.tone == "forbid"] == ["✕ once more"]
    assert sum(r.count for r in drawn.rows) - 2 == 2 * messages + 1  # but for the two joins
    assert any(re.fullmatch(r"… \d+ more lines", r.label) for r in drawn.rows)


def test_many_clients_are_not_all_drawn():
    drawn = pictured(eight_clients().verdicts[1])
    assert drawn.total == 12
    assert len(drawn.clients) == 8
    assert {"c1", "c9", "c10", "c11", "c12"} <= set(drawn.clients)
    assert drawn.numbers[-1] == 12
    assert drawn.rows[0].label == "c1, c2 and 10 more join (102 lines)"


@pytest.mark.parametrize("name", sorted(SAMPLES))
@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_drawing_keeps_inside_its_frame(name, lang):
    say = Sentences(lang)
    for verdict in SAMPLES[name]().verdicts:
        if not verdict.attempts:
            continue
        transcript = shown_attempt(verdict).transcript
        wide, narrow = (picture(transcript, transcript.play, verdict.findings, (), say, columns=n) for n in (8, 5))
        if wide is None:
            continue
        svg = draw(wide, narrow, "server.py", "x", "title", say)
        for drawing in re.findall(r"<svg.*?</svg>", svg):
            width = int(re.search(r'viewBox="0 0 (\d+) ', drawing)[1])
            assert width in (928, *range(100, 330))
            boxes = [
                (float(x), float(w))
                for x, w in re.findall(r'class="head" x="([\d.-]+)" y="8" width="([\d.]+)"', drawing)
            ]
            assert all(x >= 0 and x + w <= width for x, w in boxes)
            assert all(x + w <= after for (x, w), (after, _) in pairwise(boxes))
            for x, text in re.findall(
                r'class="verdict[^"]*"(?: y="[\d.]+")? x="([\d.]+)"(?: y="[\d.]+")?>([^<]*)', drawing
            ):
                assert float(x) + 6.4 * len(text) <= width + 2, text


def test_a_long_silence_is_folded_and_says_its_length():
    drawn = pictured(slow())
    svg = draw(drawn, drawn, "server.py", "x", "title", EN)
    assert "⋮ 1 s" in svg
    height = int(re.search(r'viewBox="0 0 \d+ (\d+)"', svg)[1])
    assert height < 700


def test_the_legend_lists_only_what_is_used():
    assert re.findall(r"</svg>([^<]+)", key(pictured(echo()).rows, EN)) == [
        "sent and received", "outside the steps of this check", "arrived, not allowed",
    ]  # fmt: skip


def test_a_drawing_has_a_title_and_a_story():
    drawn = pictured(echo())
    svg = draw(drawn, drawn, "server.py", "x", "Nobody hears an echo", EN)
    assert '<title id="w-x-t">Nobody hears an echo</title><desc id="w-x-d">Ana sends “hola a todos⏎”.' in svg
    assert 'aria-labelledby="n-x-t n-x-d"' in svg


# ------------------------------------------------------------------------------------------------------- side by side


def cells(verdict):
    transcript = shown_attempt(verdict).transcript
    rows = sides(transcript, verdict.reference, transcript.play, verdict.findings, EN)
    plain = [(r.step, re.sub(r"<[^>]+>", "", r.yours), re.sub(r"<[^>]+>", "", r.theirs), r.differs) for r in rows]
    return [p if not r.note else r.note for p, r in zip(plain, rows, strict=True)]


def test_what_belongs_to_no_line_stands_where_it_came():
    assert cells(echo()) == [
        ("ana sends", "hola a todos⏎", "hola a todos⏎", False),
        ("ana reads", "ana: hola a todos⏎", "nothing came", True),
        ("beto reads", "ana: hola a todos⏎", "ana: hola a todos⏎", False),
        ("caro reads", "ana: hola a todos⏎", "ana: hola a todos⏎", False),
        ("ana gets nothing more", "nothing more, as it should be", "nothing more, as it should be", False),
    ]


def test_what_never_came_is_said_in_words_and_what_follows_is_not_reproached():
    assert cells(crash()) == [
        ("beto is cut off", "cut off", "cut off", False),
        ("ana and caro read", "ana and caro: never came", "ana and caro: * beto left⏎", True),
        ("ana sends", "not reached", "still here?⏎", False),
        ("caro reads", "not reached", "ana: still here?⏎", False),
    ]


def test_deliveries_are_compared_as_sets():
    two = ("ana", "beto")
    same = play("ana,beto < x", joining=two)
    mine = scene("x", "0.1 ana received 0 x\\n\n0.2 beto received 0 x\\n", same, joining=two)
    theirs = scene("x", "0.1 beto received 0 x\\n\n0.2 ana received 0 x\\n", same, joining=two)
    (row,) = sides(mine, theirs, same, (), EN)
    assert not row.differs
    assert row.yours == row.theirs


def test_another_wording_is_no_fault_by_itself():
    ana = ("ana",)
    same = play("ana < refused: <*>", joining=ana)
    mine = scene("x", "0.1 ana received 0 refused: taken\\n", same, joining=ana)
    theirs = scene("x", "0.1 ana received 0 refused: in use\\n", same, joining=ana)
    (row,) = sides(mine, theirs, same, (), EN)
    assert not row.differs


def test_many_equal_steps_are_left_out():
    ana = ("ana",)
    same = play(*["ana > x"] * 80, joining=ana)
    script = "\n".join(f"0.{100 + n} ana sent {n} x\\n" for n in range(80))
    mine = scene("x", script, same, joining=ana)
    rows = sides(mine, mine, same, (), EN)
    assert len(rows) < 12
    assert [r.note for r in rows if r.note] == ["… 73 more steps, the same on both sides"]


# ------------------------------------------------------------------------------------------- what the server printed


@pytest.mark.parametrize(
    "text",
    [
        "ConnectionResetError: [Errno 104] Connection reset by peer", "KeyError: 'ana'", "AssertionError",
        "json.decoder.JSONDecodeError: Expecting value", "socket.timeout: timed out", "KeyboardInterrupt",
        'Exception in thread "main" java.net.BindException: Address already in use', "java.lang.NullPointerException",
        "TypeError: Cannot read properties of undefined", "Error: listen EADDRINUSE", "panic: runtime error: index out of range",
        "thread 'main' panicked at src/main.rs:4:5", "Segmentation fault (core dumped)",
        "==12==ERROR: AddressSanitizer: heap-use-after-free", "terminate called after throwing an instance of 'std::bad_alloc'",
    ],
)  # fmt: skip
def test_the_telling_line_of_an_error_is_known_by_its_form(text):
    assert complaints([Event(1.0, SERVER, Kind.ERRORS, f"noise\n{text}\n".encode())]) != []


@pytest.mark.parametrize(
    "text",
    [
        "Server is listening on port 5000",
        "Exception in thread Thread-2 (handle):",
        "error: no",
        "ana: ValueError is fun",
    ],
)
def test_other_lines_are_not(text):
    assert complaints([Event(1.0, SERVER, Kind.ERRORS, f"{text}\n".encode())]) == []


def test_pieces_are_joined_before_they_are_cut_into_lines():
    pieces = [
        Event(0.1, SERVER, Kind.ERRORS, b"Val"),
        Event(0.2, SERVER, Kind.ERRORS, b"ueError: x\nnext\n"),
        Event(0.3, SERVER, Kind.OUTPUT, b"no\n"),
    ]
    assert [(x.t, x.text) for x in printed(pieces, Kind.ERRORS)] == [(0.1, "ValueError: x"), (0.2, "next")]
    assert complaints(pieces) == [(0.1, "ValueError")]


def test_a_long_output_is_cut_in_the_middle_and_says_so():
    event = Event(0.1, SERVER, Kind.OUTPUT, b"".join(b"line %d\n" % n for n in range(500)))
    drawn = listing(printed([event], Kind.OUTPUT), None, EN)
    assert "… 464 lines left out …" in drawn
    assert "line 499" in drawn
    assert len(drawn) < 5000


def test_a_box_has_no_folder_of_its_own():
    (line,) = printed([Event(0.1, SERVER, Kind.ERRORS, b'  File "/work/server.py", line 3, in f\n')], Kind.ERRORS)
    assert line.text == '  File "server.py", line 3, in f'


def test_threads_are_told_apart_and_named_by_what_they_do():
    threads = [
        Thread("python3", "accept4"),
        Thread("python3", "recvfrom", "ana"),
        Thread("python3", "futex", "beto", 17),
        Thread("python3", "frobnicate"),
    ]
    shown, more = standing([*threads, *threads], EN)
    assert len(shown) == 4
    assert more == "4 more threads are not shown."
    first, *_ = standing(threads, EN)[0]
    assert (first.name, first.doing) == (
        "Thread 3, serving beto",
        "waiting for a lock, or for another thread. 17 bytes of beto lie there unread.",
    )
    assert "frobnicate" in [s.doing for s in standing(threads, EN)[0]]


@pytest.mark.parametrize(
    ("signal", "name"), [(11, "SIGSEGV"), ("15", "SIGTERM"), ("SIGINT", "SIGINT"), (-9, "SIGKILL"), (63, "63")]
)
def test_signals_have_names(signal, name):
    assert signal_name(signal) == name


def test_an_error_that_repeats_is_drawn_a_few_times():
    ana = ("ana",)
    events = (*joins("ana"), *(Event(0.1 + n / 100, SERVER, Kind.ERRORS, b"ValueError: x\n") for n in range(50)))
    transcript = replace(scene("x", "0.05 ana sent 0 x\\n", play("ana > x", joining=ana)), events=events)
    drawn = picture(transcript, transcript.play, (), (), EN)
    assert len([r for r in drawn.rows if r.tone == "boom"]) == 6


def test_a_client_that_left_may_be_closed():
    script = "0.1 ana closed 0\n0.2 ana server-closed -"
    transcript = scene("x", script, play("ana (leaves)", joining=("ana",)), joining=("ana",))
    assert [r.tone for r in picture(transcript, transcript.play, (), (), EN).rows] == ["faint", "", "faint"]


def test_a_wanted_end_of_a_connection_is_seen_though_it_has_no_step():
    same = play("ana > /quit", "ana (is disconnected)", joining=("ana",))
    script = "0.1 ana sent 0 /quit\\n\n0.2 ana server-closed -"
    transcript = scene("x", script, same, joining=("ana",))
    last = sides(transcript, transcript, same, (), EN)[-1]
    assert "connection closed by the server" in last.yours
    assert not last.differs


def test_a_join_that_went_wrong_has_rows_of_its_own():
    """Joins are left out of the table, but not the one that it is about."""
    two = ("ana", "beto")
    lines = play("ana > x", joining=two)
    script = "0.01 beto connected 0\n0.02 beto received 1 name?\\n\n0.03 beto sent 2 beto\\n\n0.04 beto gave-up 3 welcome beto"
    mine = scene("x", script, lines, joining=("ana",))
    theirs = scene("x", "0.1 ana sent 0 x\\n", lines, joining=two)
    rows = sides(mine, theirs, lines, (), EN)
    assert [(r.step, r.differs) for r in rows] == [
        ("beto connects", False), ("beto reads", False), ("beto sends", False), ("beto reads", True), ("ana sends", False),
    ]  # fmt: skip


def test_of_a_step_that_was_not_kept_whole_the_table_says_so():
    (line,) = play("ana > x")
    lines = (replace(line, times=200),)
    gap = Event(0.5, SERVER, Kind.NOTED, note="… 197 more")
    kept = scene("x", "0.1 ana sent 0 x\\n\n0.2 ana sent 0 x\\n\n0.3 ana sent 0 x\\n", lines)
    (row,) = sides(replace(kept, events=(*kept.events, gap)), None, lines, (), EN)
    assert "… and more" in row.yours


def test_whoever_sends_to_a_client_is_not_said_to_serve_it():
    """A broadcast goes on in the thread of its author, and stands in a send to somebody else."""
    shown, _ = standing([Thread("Thread-1", "sendto", "lento"), Thread("Thread-2", "recvfrom", "ana")], EN)
    assert [(s.name, s.calm) for s in shown] == [("Thread-1, sending to lento", False), ("Thread-2, serving ana", True)]


def test_a_runtimes_own_threads_come_last():
    threads = [
        *(Thread(f"GC Thread#{n}", "futex") for n in range(9)),
        Thread("Thread-0", "recvfrom", "ana"),
        Thread("main", "accept"),
    ]
    shown, more = standing(threads, EN)
    assert [s.name for s in shown[:2]] == ["Thread-0, serving ana", "main"]
    assert more == "7 more threads are not shown."


def test_what_was_left_out_in_the_middle_of_a_run_is_a_part_of_it():
    rows = [Row(n / 10, Way.IN, Kind.SENT, "ana", str(n)) for n in range(8)]
    gap = Row(0.35, Way.FOLD, Kind.NOTED, count=50)
    answer = Row(2.0, Way.OUT, Kind.RECEIVED, "ana", "hola")
    folded = fold_runs([*rows[:4], gap, *rows[4:], answer])
    assert [(r.way, r.label, r.count) for r in folded] == [
        (Way.IN, "0", 1), (Way.IN, "1", 1), (Way.FOLD, "", 55), (Way.IN, "7", 1), (Way.OUT, "hola", 1),
    ]  # fmt: skip
    assert fold_runs([rows[0], gap, rows[1], gap, answer]) == [rows[0], gap, rows[1], gap, answer]

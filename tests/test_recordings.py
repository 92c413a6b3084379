"""What the recorders wrote is read back: the right lines as they are meant, everything else with suspicion."""

from __future__ import annotations

import fcntl
import os
from dataclasses import replace

import pytest
from plays import chat

from grader.course.pointing import point
from grader.model import CodeLine, Finding, Kind, Recording, SocketCall
from grader.stage.recorder import lines, traced
from grader.stage.recorder.python import below
from grader.stage.recorder.tape import LONGEST_LINE, SIZE, Tape

HERE = below("/work")
STACK = b"F 3.1 %s:12:%s:10\n" % (b"/work/server.py".hex().encode(), b"handle".hex().encode())
SOCKET = b"S 3.2 5 127.0.0.1|40000\n"
HEAD = STACK + SOCKET


def read(data, *, whole=True):
    return lines.read(data, whole=whole, below=HERE)


# -- the record of a Python server ------------------------------------------------------------------------------------


def test_a_call_is_read_with_its_bytes_and_its_line():
    (call,) = read(HEAD + b"C 1500000000 3 4 3.2 recv 5 3.1 686f6c610a\n").calls
    assert (call.t, call.process, call.thread, call.call, call.socket) == (1.5, 3, 4, "recv", "3.2")
    assert (call.count, call.data, call.returned) == (5, b"hola\n", True)
    assert call.stack == (CodeLine("server.py", 12, "handle", 10),)


def test_a_call_that_did_not_return_comes_last():
    told = b"B 1 3 4 3.2 recv 3.1\nB 1 3 5 3.2 send 3.1\nC 2 3 4 3.2 recv 0 3.1 -\n"
    assert [(c.call, c.returned) for c in read(HEAD + told).calls] == [("recv", True), ("send", False)]


def test_an_error_and_an_accepted_socket_are_read():
    told = b"C 1 3 4 3.2 recv !ConnectionResetError 3.1 -\nC 1 3 4 3.2 accept 3.2 3.1 -\n"
    first, second = read(HEAD + told).calls
    assert (first.error, first.count, second.made) == ("ConnectionResetError", None, "3.2")


def test_the_last_line_may_be_cut_short():
    recording = read(HEAD + b"C 1 3 4 3.2 recv 5 3.1 686f6c610a\nC 1 3 4 3.2 re")
    assert (len(recording.calls), recording.whole) == (1, True)


@pytest.mark.parametrize(
    "line",
    [
        b"hello\n",
        b"C 1 3 4 3.2 recv 5 3.1 686f6c61\xff\n",
        b"C 1 3 4 3.2 recv 5 3.1 686\n",
        b"C 1 3 4 3.2 recv 1 3.1 686f\n",
        b"C 1 3 4 3.2 listen 0 3.1 -\n",
        b"C 1 3 4 3.9 recv 0 3.1 -\n",
        b"C 1 3 4 3.2 recv 0 3.9 -\n",
        b"C -1 3 4 3.2 recv 0 3.1 -\n",
        b"C 1 3 4 3.2 recv " + b"9" * 40 + b" 3.1 -\n",
        b"S 3.3 5 <script>\n",
        b"C 1 3 4 3.2 recv 0 3.1 " + b"00" * LONGEST_LINE + b"\n",
    ],
)
def test_what_has_not_the_form_is_skipped_and_then_nothing_follows_from_what_is_missing(line):
    recording = read(HEAD + line)
    assert (recording.calls, recording.whole) == ((), False)


def test_a_record_full_of_other_things_is_none():
    with pytest.raises(lines.Damaged):
        read(HEAD + b"x\n" * 1000)


def test_it_ends_where_a_record_may_end():
    many = read(HEAD + b"C 1 3 4 3.2 recv 0 3.1 -\n" * (lines.MOST_CALLS + 5))
    assert (len(many.calls), many.whole) == (lines.MOST_CALLS, False)


@pytest.mark.parametrize(
    ("path", "within"),
    [
        ("/work/server.py", "server.py"),
        ("/work/chat/rooms.py", "chat/rooms.py"),
        ("server.py", "server.py"),
        ("/work/../etc/passwd", ""),
        ("../server.py", ""),
        ("/usr/lib/python3/socket.py", ""),
        ("/working/server.py", ""),
        ("<string>", ""),
        ("", ""),
        ("/work/", ""),
        ("/work/a\0b", ""),
    ],
)
def test_only_files_of_the_submission_count(path, within):
    assert HERE(path) == within


# -- the memory file --------------------------------------------------------------------------------------------------


def test_a_sealed_tape_never_grows_nor_shrinks():
    with Tape(sealed=True) as tape:
        os.write(tape.descriptor, b"one\n")
        assert tape.read() == (b"one\n", True)
        for change in (
            lambda: os.ftruncate(tape.descriptor, 0),
            lambda: os.ftruncate(tape.descriptor, SIZE + 1),
            lambda: os.pwrite(tape.descriptor, b"x", SIZE),
            lambda: fcntl.fcntl(tape.descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE),
        ):
            with pytest.raises(OSError, match="not permitted"):
                change()
        os.pwrite(tape.descriptor, b"x" * SIZE, 0)
        data, whole = tape.read()
        assert (len(data), whole) == (SIZE, False)


def test_what_lies_behind_a_gap_is_not_read():
    with Tape(sealed=True) as tape:
        os.pwrite(tape.descriptor, b"one\n", 0)
        os.pwrite(tape.descriptor, b"far away\n", SIZE // 2)
        assert tape.read() == (b"one\n", True)


# -- what strace wrote ------------------------------------------------------------------------------------------------

TRACE = rb"""10  1.000001 accept(4, NULL, NULL) = 5
 > /usr/lib/libc.so.6(accept+0x10) [0x10a6f0]
 > /work/server(main+0x93) [0x1163]
10  1.000002 clone3({flags=CLONE_VM|CLONE_FILES|CLONE_THREAD, exit_signal=0} => {parent_tid=[11]}, 88) = 11
10  1.000003 accept(4, NULL, NULL <unfinished ...>
11  1.000004 recvfrom(5,  <unfinished ...>
11  1.000005 <... recvfrom resumed>"\x68\x6f\x6c\x61\x0a", 100, 0, NULL, NULL) = 5
 > /work/server(client+0x30) [0x12a0]
11  1.000006 recvfrom(5, 0x7ffd, 100, MSG_DONTWAIT, NULL, NULL) = -1 EAGAIN (Resource temporarily unavailable)
11  1.000007 sendmsg(5, {msg_iov=[{iov_base="\x61", iov_len=1}, {iov_base="\x62\x63", iov_len=2}], msg_iovlen=2}, 0) = 3
11  1.000008 write(1, "\x68\x69", 2) = 2
11  1.000009 recvfrom(5, "", 100, 0, NULL, NULL) = 0
11  1.000010 sendto(5, "\x78", 1, 0, NULL, 0) = -1 EPIPE (Broken pipe)
11  1.000011 close(5) = 0
11  1.000012 write(5, "\x68\x69", 2) = 2
11  1.000013 +++ exited with 0 +++
"""


def told(data):
    return [(t.call.call, t.call.thread, t.call.count, t.call.data, t.call.error) for t in traced.read(data)]


def test_a_trace_tells_the_calls_on_accepted_sockets():
    assert told(TRACE) == [
        ("accept", 10, None, b"", ""),
        ("recv", 11, 5, b"hola\n", ""),
        ("sendmsg", 11, 3, b"abc", ""),
        ("recv", 11, 0, b"", ""),
        ("send", 11, None, b"", "EPIPE"),
        ("closed", 11, None, b"", ""),
    ]
    first, second = traced.read(TRACE)[:2]
    assert [(f.program, f.function, f.offset) for f in first.frames][1] == ("/work/server", "main", 0x1163)
    assert second.frames == [traced.Frame("/work/server", "client", 0x12A0)]
    assert first.call.made == second.call.socket


def test_a_forked_child_has_the_sockets_of_its_parent_and_its_own_closes():
    told = rb"""10  1.0 accept(4, NULL, NULL) = 5
10  1.1 clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD) = 12
10  1.2 close(5) = 0
12  1.3 read(5, "\x61", 10) = 1
10  1.4 accept(4, NULL, NULL) = 5
10  1.5 read(5, "\x62", 10) = 1
"""
    calls = [t.call for t in traced.read(told)]
    assert [c.call for c in calls] == ["accept", "closed", "recv", "accept", "recv"]
    assert calls[2].socket == calls[0].made != calls[3].made == calls[4].socket
    assert calls[2].process != calls[0].process


@pytest.mark.parametrize(
    "line", [b"", b" > x", b"1 2 3", b"10  1.0 accept(", b"10  1.0 accept(4) = 99999999999999999999x"]
)
def test_a_trace_of_anything_else_tells_nothing(line):
    assert traced.read(line + b"\n" + b"\x00\xff\n" * 100) == []


# -- only what the record shows is claimed ----------------------------------------------------------------------------

AT = CodeLine("server.py", 3, "handle", 1)
CASE = chat("ana > hola\nbeto < ana: hola", "ana", "beto")


def call(name, socket, data=b"", *, count=None, made="", stack=(AT,), error=""):
    number = len(data) if count is None and name != "accept" else count
    return SocketCall(0.0, 3, 4, name, socket, number, data, error, made, stack)


def joined(*more, whole=True):
    """A recording of ana's and beto's coming in, and what came after."""
    calls = []
    for name, socket in (("ana", "a"), ("beto", "b")):
        calls += [
            call("accept", "l", made=socket),
            call("send", socket, b"name?\n"),
            call("recv", socket, f"{name}\n".encode()),
        ]
        calls += [call("send", socket, f"welcome {name}\n".encode())]
    calls.insert(8, call("send", "a", b"* beto joined\n"))
    return Recording((*calls, *more), {"a": "x|1", "b": "x|2"}, whole)


ECHO = CASE.told("ana, beto (join)\nana > hola\nana < ana: hola")
SILENT = CASE.told("ana, beto (join)\nana > hola\nserver (waited) quiet\nbeto (gave-up) message @ beto < ana: hola")
SILENT = replace(
    SILENT,
    events=tuple(e._replace(data=b"ana: hola") if e.kind is Kind.GAVE_UP else e for e in SILENT.events),
)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "server.py").write_text("one\ntwo\nthree\nfour\n")
    return tmp_path


def pointed(transcript, recording, folder, code=None):
    kind = Kind.RECEIVED if code == "echo" else Kind.GAVE_UP
    index = max(i for i, e in enumerate(transcript.events) if e.kind is kind)
    spot = point(Finding(code, {"who": ["ana"]}, (index,)), transcript, recording, folder, CASE.spec.dialect)
    return spot and (spot.recorded, spot.line)


def test_the_call_that_carried_the_bytes_is_pointed_at(folder):
    here = CodeLine("server.py", 4, "handle", 1)
    recording = joined(call("recv", "a", b"hola\n"), call("send", "a", b"ana: hola\n", stack=(here,)))
    assert pointed(ECHO, recording, folder, "echo") == ("sent", 4)


def test_bytes_that_no_call_sent_point_nowhere(folder):
    """They went out by a way that is not recorded, such as os.write."""
    assert pointed(ECHO, joined(call("recv", "a", b"hola\n")), folder, "echo") is None


def test_what_was_read_and_not_passed_on_is_pointed_at(folder):
    assert pointed(SILENT, joined(call("recv", "a", b"hola\n")), folder, "never-came") == ("taken", 3)


@pytest.mark.parametrize(
    ("why", "recording"),
    [
        ("nobody read it", joined()),
        ("the record was full", joined(call("recv", "a", b"hola\n"), whole=False)),
        ("it was sent after all", joined(call("recv", "a", b"hola\n"), call("send", "b", b"ana: hola\n"))),
        ("other bytes were read", joined(call("recv", "a", b"HOLA\n"))),
        ("no line of the student's was there", joined(call("recv", "a", b"hola\n", stack=()))),
        ("the line is not there", joined(call("recv", "a", b"hola\n", stack=(CodeLine("server.py", 99, "f"),)))),
        ("the file is not there", joined(call("recv", "a", b"hola\n", stack=(CodeLine("other.py", 1, "f"),)))),
        ("the file is not theirs", joined(call("recv", "a", b"hola\n", stack=(CodeLine("../secret.py", 1, "f"),)))),
    ],
)
def test_where_the_record_does_not_show_it_nothing_is_said(why, recording, folder):
    (folder.parent / "secret.py").write_text("secret\n")
    assert pointed(SILENT, recording, folder, "never-came") is None, why


FROZEN = chat("beto (freezes)\nana > hola\nana < beto: hey", "ana", "beto")
WAITS = FROZEN.told(
    "ana, beto (join)\nbeto (frozen)\nana > hola\nserver (waited) quiet\nana (gave-up) message @ ana < beto: hey"
)


@pytest.mark.parametrize(("thread", "word"), [(4, ("stuck", 3)), (9, None)])
def test_a_send_that_never_returned_counts_if_its_thread_had_more_to_do(thread, word, folder):
    """A thread that only writes to the client who does not read may wait: it holds nobody up."""
    stuck = replace(call("sendall", "b"), returned=False, count=None, thread=thread)
    assert (
        pointed(WAITS, joined(call("recv", "a", b"hola\n", stack=()), call("recv", "a"), stuck), folder, "never-came")
        == word
    )

"""Where threads stand: their lines, the locks that they hold and want, read from outside, in three languages."""

from __future__ import annotations

import pytest
from needs import needs

from grader.clients.record import Record
from grader.conduct.closer import CloserLook
from grader.model import Kind
from grader.stage.quiet import Look, Sight
from grader.stage.stacks import Stack, java, python, stacks, tools
from grader.stage.stacks.frames import Frame, Names, Sources
from grader.stage.stacks.held import Scope, held, wanted


def sources(stand):
    return Sources(stand.staging.submission, stand.box.view.work)


def stuck(stand, run):
    """The stacks of a server that has come to rest."""
    with stand.started(run) as started:
        started.waiter.quiet()
        printed = []
        started.server.output._heard = lambda stream, data, cut: printed.append(data)
        return stacks(
            started.server.living(),
            sources(stand),
            lambda: b"".join(printed).decode(),
            lambda seconds: started.record.wait(len(started.record.events), min(seconds, 0.02)),
        )


def by_line(found, file):
    """The stacks by the line in which each stands."""
    return {s.frames[0].line: s for s in found.values() if s.frames and s.frames[0].file == file}


def numbered(stand, file, text):
    with open(f"{stand.staging.submission}/{file}", encoding="utf-8") as lines:
        return [n for n, line in enumerate(lines, 1) if line.strip().startswith(text)]


def in_a_circle(one, other):
    """Whether each holds the lock that the other one wants."""
    return one.wants in [h for h, _ in other.holds] and other.wants in [h for h, _ in one.holds]


# -- real programs ----------------------------------------------------------------------------------------------------


def test_python_lines_and_locks(stand):
    found = by_line(stuck(stand, "python3 stuck.py <port>"), "stuck.py")
    (one,) = (found[n] for n in numbered(stand, "stuck.py", "with second:"))
    (other,) = (found[n] for n in numbered(stand, "stuck.py", "first.acquire()"))
    assert in_a_circle(one, other)
    assert {one.wants, other.wants} == {"first", "second"}
    taken = numbered(stand, "stuck.py", "with self.lock:")
    twice = found[taken[1]]
    assert [frame.line for frame in twice.frames] == [taken[1], *numbered(stand, "stuck.py", "self.tell()")]
    assert twice.holds == ((twice.wants, Frame("stuck.py", taken[0], "Room.open")),)
    (main,) = (s for s in found.values() if s.name == "MainThread")
    assert [frame.line for frame in main.frames] == numbered(stand, "stuck.py", "server.accept()")
    assert (main.wants, main.holds) == ("", ())


def test_java_lines_and_locks(stand):
    needs("java")
    stand.built("javac Stuck.java")
    found = stuck(stand, "java -Xshare:auto -XX:TieredStopAtLevel=1 Stuck <port>")
    named = {s.name: s for s in found.values() if s.frames}
    assert in_a_circle(named["one"], named["other"])
    (inner,) = numbered(stand, "Stuck.java", "synchronized (theirs)")
    for stack in (named["one"], named["other"]):
        assert stack.frames[0].line in (inner, inner + 1)  # the machine says the line, or the first one of the block
    assert [f.line for f in named["main"].frames] == numbered(stand, "Stuck.java", "server.accept()")


def test_c_locks_need_no_debugger(stand, monkeypatch):
    stand.built("gcc -O2 -pthread -o stuck stuck.c")
    monkeypatch.setattr(tools, "found", lambda program: None)
    found = [s for s in stuck(stand, "./stuck <port>").values() if s.wants]
    assert len(found) == 2
    assert in_a_circle(*found)
    assert len({s.wants for s in found}) == 2


def test_c_lines_come_from_the_debugger(stand):
    needs("gdb")
    stand.built("gcc -g -pthread -o stuck stuck.c")
    found = by_line(stuck(stand, "./stuck <port>"), "stuck.c")
    (one,) = (found[n] for n in numbered(stand, "stuck.c", "pthread_mutex_lock(&second)")[:1])
    (other,) = (found[n] for n in numbered(stand, "stuck.c", "pthread_mutex_lock(&first)")[1:])
    assert (one.wants, other.wants) == ("second", "first")
    assert in_a_circle(one, other)


def test_without_the_reader_there_are_no_lines_and_no_trouble(stand, monkeypatch):
    monkeypatch.setattr(tools, "found", lambda program: None)
    assert stuck(stand, "python3 stuck.py <port>") == {}


def test_every_rung_lets_us_read(lower_stand):
    found = by_line(stuck(lower_stand, "python3 stuck.py <port>"), "stuck.py")
    assert numbered(lower_stand, "stuck.py", "first.acquire()")[0] in found


# -- once for each way in which plays end -----------------------------------------------------------------------------


def look_at(stand, started):
    from grader.stage import processes

    tasks = tuple(processes.look(started.server.living(), waits=True).values())
    return Look(Sight.QUIET, tasks)


def test_the_same_ending_is_looked_at_once(stand):
    closer, record = CloserLook(sources(stand)), Record()
    record.note("ana", Kind.GAVE_UP, note="message")
    with stand.started("python3 relay_threads.py <port>") as started:
        started.connect("ana")
        started.waiter.quiet()
        look = look_at(stand, started)
        first, second = (closer.at(look, started.waiter, record) for _ in range(2))
        started.connect("beto")
        started.waiter.quiet()
        third = closer.at(look_at(stand, started), started.waiter, record)
    assert [t.spot is not None for t in first] == [True, True]
    assert [t.spot for t in second] == [None, None]
    assert [(t.doing, t.of_client) for t in first] == [(t.doing, t.of_client) for t in second]
    assert all(t.spot for t in third)  # one thread more: another ending


def test_threads_that_wait_for_a_lock_are_looked_at_again_but_not_for_ever(stand):
    closer, record = CloserLook(sources(stand)), Record()
    with stand.started("python3 stuck.py <port>") as started:
        started.waiter.quiet()
        looks = [closer.at(look_at(stand, started), started.waiter, record) for _ in range(10)]
    assert 1 < sum(any(t.spot for t in threads) for threads in looks) <= 8


# -- the source proves what is held -----------------------------------------------------------------------------------

SOURCE = """\
def plain():
    here()

def block():
    with lock:
        inside()
    after()

def nested():
    with first:
        if True:
            with second:
                both()

def by_hand():
    lock.acquire()
    try:
        inside()
    finally:
        lock.release()
    after()

def perhaps():
    if True:
        lock.acquire()
    unclear()

def outer():
    with lock:
        def later():
            elsewhere()

def on_one_line():
    with lock: inside()

def tried():
    while lock.acquire(timeout=1):
        inside()

def of_an_object(self, mine):
    with self.lock:
        with mine:
            inside()

def opened():
    with open("a"):
        inside()
"""


def at(line, **local):
    return Scope(SOURCE, line, local)


@pytest.mark.parametrize(
    ("line", "names"),
    [
        (2, []), (6, ["lock"]), (7, []), (13, ["first", "second"]), (18, ["lock"]), (21, []), (26, []),
        (31, []), (34, []), (38, []), (43, ["self.lock", "mine"]), (47, []), (999, []),
    ],
)  # fmt: skip
def test_what_is_held_at_a_line(line, names):
    assert [text for _, text, _ in held(at(line))] == names


@pytest.mark.parametrize(
    ("line", "name"),
    [(5, "lock"), (10, "first"), (12, "second"), (16, "lock"), (25, "lock"), (37, "lock"), (41, "self.lock"), (6, None), (34, None), (46, None)],
)  # fmt: skip
def test_what_is_waited_for_at_a_line(line, name):
    lock = wanted(at(line))
    assert (lock[1] if lock else None) == name


def test_locks_of_two_objects_are_two_locks():
    names = Names()
    one, again, other = (names.of(*wanted(at(41, self=address))) for address in (1, 1, 2))
    assert (one, again, other) == ("self.lock", "self.lock", "self.lock (2)")


def test_source_that_can_t_be_read_tells_nothing():
    assert (list(held(Scope("def (:", 1, {}))), wanted(Scope("", 1, {}))) == ([], None)


# -- what is hostile --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said", ["", "no json", "[]", '[{"frames": 7, "os_thread_id": 1}]', "{}", '[{"os_thread_id": 3}]']
)
def test_whatever_the_reader_says_nothing_fails(monkeypatch, tmp_path, said):
    monkeypatch.setattr(python, "output", lambda argv, pid: said)
    assert python.read(1, Sources(str(tmp_path), "/work"), Names()) == {}


def test_a_file_out_of_the_submission_is_not_shown(tmp_path):
    top = tmp_path / "submission"
    top.mkdir()
    (tmp_path / "secret.py").write_text("secret\n")
    (top / "server.py").write_text("mine\n")
    (top / "link.py").symlink_to("../secret.py")
    places = Sources(str(top), "/work")
    asked = (
        "/work/server.py",
        "server.py",
        "/work/../secret.py",
        "/work/link.py",
        "/usr/lib/python3/socket.py",
        "/etc/passwd",
        "",
    )
    assert [places.inside(file) for file in asked] == ["server.py", "server.py", "", "", "", "", ""]
    assert [places.called(name) for name in ("server.py", "../secret.py", "link.py", "none.c", "")] == [
        "server.py",
        "",
        "",
        "",
        "",
    ]


def test_a_dump_that_was_cut_short_is_read_as_far_as_it_goes(tmp_path):
    (tmp_path / "Server.java").write_text("class Server {}\n")
    dump = (
        '"Thread-0" #12 prio=5 os_prio=0 cpu=1.00ms elapsed=1.00s tid=0x00007f nid=0x1 waiting for monitor entry [0x00]\n'
        "   java.lang.Thread.State: BLOCKED (on object monitor)\n"
        "\tat Server.serve(Server.java:12)\n"
        "\t- waiting to lock <0x00000000e1> (a java.util.TreeMap)\n"
        "\tat java.lang.Thread.run(java.base@17.0.1/Thread.java:840)\n"
        "\t- locked <0x00000000e2> (a java.lang.Object)\n"
        "\tat Server.main(Server.java:30)\n"
        "\t- locked <0x00000000e3> (a Server)\n"
        "\tat Elsewhere.main(Elsewh"
    )
    (stack,) = java.read(1, dump, Sources(str(tmp_path), "/work"), Names()).values()
    main = Frame("Server.java", 30, "main")
    assert stack == Stack("Thread-0", (Frame("Server.java", 12, "serve"), main), (("Server", main),), "TreeMap")


def test_a_process_that_would_die_of_the_signal_does_not_get_it(stand):
    with stand.started("python3 relay_threads.py <port>") as started:
        (pid,) = started.server.living()
        assert not java.ask(pid)
        assert not started.server.ended

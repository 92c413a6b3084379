"""Grades made by hand for the tests of reports: one of each kind that a page has to draw well.

`scene` writes a transcript the way one reads it, one event a line; the grades below are built from such scenes. Run as a
program, it writes the pages of all samples into a folder, to be looked at.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from grader.model import (
    SERVER,
    Attempt,
    Build,
    Cause,
    Check,
    Event,
    Evidence,
    Finding,
    Grade,
    Kind,
    Line,
    Outcome,
    Run,
    ServerFacts,
    SourceSpot,
    Submission,
    Thread,
    Transcript,
    Verb,
    Verdict,
)

TITLE = {"en": "Chat server", "es": "Servidor de chat"}
SERVED = ServerFacts(("/usr/bin/python3", "server.py", "5000"), 5000, 5000, 0.041, None)

CHECKS = {
    "listens": Check(
        "listens",
        {"en": "Starts and listens on its port", "es": "Arranca y escucha en su puerto"},
        10,
        {
            "en": "The server listens on the port that it is given, within 5 s.",
            "es": "El servidor escucha en el puerto que se le da, en 5 s.",
        },
        {
            "en": "Clients know only the number. Behind another number there is nobody.",
            "es": "Los clientes solo conocen el número. Detrás de otro número no hay nadie.",
        },
        concept="port",
    ),
    "welcome": Check(
        "welcome",
        {"en": "Asks for a name and greets its owner", "es": "Pide un nombre y saluda a quien lo da"},
        10,
        {"en": "Whoever gives a name reads “welcome <name>”.", "es": "Quien da un nombre lee «welcome <name>»."},
        concept="socket",
    ),
    "broadcast": Check(
        "broadcast",
        {"en": "A message reaches everybody else", "es": "Un mensaje llega a todos los demás"},
        20,
        {
            "en": "Every other client that has joined gets “<name>: <line>”, once.",
            "es": "Todos los demás que han entrado reciben «<name>: <line>», una vez.",
        },
        clients=("ana", "beto", "caro"),
        concept="socket",
    ),
    "no-echo": Check(
        "no-echo",
        {"en": "Nobody hears an echo", "es": "Nadie oye un eco"},
        4,
        {
            "en": "A message goes to every client except the one who sent it.",
            "es": "Un mensaje va a todos los clientes menos a quien lo envió.",
        },
        {
            "en": "Ana already sees what she typed. With an echo every line stands twice on her screen.",
            "es": "Ana ya ve lo que escribió. Con el eco, cada línea aparece dos veces en su pantalla.",
        },
        {
            "en": "Often the loop that sends a message visits every client, its author too.",
            "es": "Muchas veces el ciclo que envía un mensaje recorre a todos los clientes, también a su autor.",
        },
        concept="client",
        clients=("ana", "beto", "caro"),
    ),
    "pieces": Check(
        "pieces",
        {"en": "Half a line is not a message", "es": "Media línea no es un mensaje"},
        10,
        concept="socket",
    ),
    "lost-client": Check(
        "lost-client",
        {
            "en": "Leaving is announced, even without a goodbye",
            "es": "Se avisa cuando alguien se va, aunque no se despida",
        },
        20,
        {
            "en": "When a connection ends in any way, everybody else reads “* <name> left”, once.",
            "es": "Cuando una conexión termina, como sea, todos los demás leen «* <name> left», una vez.",
        },
        {
            "en": "Laptops sleep and Wi-Fi drops. Most clients of a real server leave this way, not with a tidy close.",
            "es": "Las laptops se duermen y el wifi se cae. La mayoría de los clientes de un servidor real se va así, sin avisar.",
        },
        {
            "en": "What must happen when a client leaves belongs where it runs in every case, such as in finally.",
            "es": "Lo que hay que hacer cuando un cliente se va debe estar donde siempre se ejecute, por ejemplo en finally.",
        },
        concept="client",
        clients=("ana", "beto", "caro"),
    ),
    "slow-reader": Check(
        "slow-reader",
        {"en": "One slow client does not hold up the others", "es": "Un cliente lento no frena a los demás"},
        20,
        {
            "en": "A client that does not read never delays another by more than a moment.",
            "es": "Un cliente que no lee nunca atrasa a otro más que un momento.",
        },
        {
            "en": "One bad connection should cost one user, not the whole room.",
            "es": "Una mala conexión debe afectar a un usuario, no a toda la sala.",
        },
        {
            "en": "Often a send waits for the slow client while the thread holds a lock that all the others need.",
            "es": "Muchas veces un send espera al cliente lento mientras el hilo tiene un lock que todos los demás necesitan.",
        },
        concept="thread",
        clients=("ana", "beto", "caro"),
    ),
    "order": Check(
        "order",
        {"en": "Messages keep their order", "es": "Los mensajes conservan su orden"},
        6,
        {
            "en": "One sender’s messages arrive in the order in which they were sent.",
            "es": "Los mensajes de una misma persona llegan en el orden en que los envió.",
        },
        {
            "en": "An answer that arrives before its question makes no sense to anybody.",
            "es": "Una respuesta que llega antes que su pregunta no la entiende nadie.",
        },
        {
            "en": "Often each message is sent by a thread of its own, and threads overtake one another.",
            "es": "Muchas veces cada mensaje lo envía un hilo aparte, y los hilos se adelantan unos a otros.",
        },
        concept="thread",
        clients=("ana", "beto"),
    ),
    "rejoin": Check(
        "rejoin",
        {"en": "A name is free again", "es": "Un nombre queda libre otra vez"},
        5,
        {
            "en": "A name is free again as soon as its owner has left.",
            "es": "Un nombre queda libre en cuanto se va quien lo tenía.",
        },
        concept="client",
        needs=("lost-client",),
    ),
}

VERBS = {
    ">": Verb.SEND,
    ">>": Verb.SEND_RAW,
    "<": Verb.EXPECT,
    "<?": Verb.EXPECT_MAYBE,
}


def play(*texts: str, joining: tuple[str, ...] = ()) -> tuple[Line, ...]:
    """The lines of a play, after the joins of the clients named."""
    lines: list[Line] = []
    for name in joining:
        lines += [
            Line(len(lines), f"{name} (connects)", (name,), Verb.CONNECTS, part="join"),
            Line(len(lines) + 1, f"{name} < name?", (name,), Verb.EXPECT, "name?", part="join"),
            Line(len(lines) + 2, f"{name} > {name}", (name,), Verb.SEND, name, part="join"),
            Line(len(lines) + 3, f"{name} < welcome {name}", (name,), Verb.EXPECT, f"welcome {name}", part="join"),
            Line(len(lines) + 4, "settles", ("all",), Verb.SETTLES, part="join"),
        ]
    for text in texts:
        who, rest = text.split(" ", 1)
        if rest.startswith("("):
            verb, argument = Verb(rest.strip("()")), ""
        else:
            mark, _, argument = rest.partition(" ")
            verb = VERBS[mark]
        lines.append(Line(len(lines), text, tuple(who.split(",")), verb, argument))
    return tuple(lines)


def joins(*names: str) -> list[Event]:
    """What happens when clients join one after the other: five steps each, as `play` writes them."""
    events: list[Event] = []
    t = 0.002
    for number, name in enumerate(names):
        step = number * 5
        events += [
            Event(t, name, Kind.CONNECTED, step=step),
            Event(t + 0.0006, name, Kind.RECEIVED, b"name?\n", step=step + 1),
            Event(t + 0.0009, name, Kind.SENT, f"{name}\n".encode(), step=step + 2),
            Event(t + 0.0015, name, Kind.RECEIVED, f"welcome {name}\n".encode(), step=step + 3),
        ]
        events += [Event(t + 0.0016, other, Kind.RECEIVED, f"* {name} joined\n".encode()) for other in names[:number]]
        t += 0.004
    return events


def scene(
    check: str, script: str, lines: tuple[Line, ...], *, joining: tuple[str, ...] = (), **more: object
) -> Transcript:
    """A transcript from lines like ``0.031 ana sent 3 hola``; the number after the kind is the step, or -."""
    events = joins(*joining)
    base = len(joining) * 5
    for row in script.strip().splitlines():
        t, who, kind, step, *rest = row.strip().split(" ", 4)
        text = rest[0] if rest else ""
        data = text.encode().decode("unicode_escape").encode("latin-1") if text else b""
        note = ""
        if Kind(kind) in (Kind.EXITED, Kind.SIGNALLED, Kind.LISTENING, Kind.NOTED, Kind.WAITED):
            data, note = b"", text
        if Kind(kind) is Kind.GAVE_UP and text.startswith("!"):
            data, note = b"", text[1:]
        events.append(Event(float(t), who, Kind(kind), data, note, None if step == "-" else base + int(step)))
    subject = str(more.pop("subject", "submission"))
    return Transcript(check, subject, 7, tuple(events), lines, **{"server": SERVED, **more})


def attempt(
    outcome: Outcome,
    evidence: Evidence,
    findings: tuple,
    transcript: Transcript,
    *,
    seconds: float = 0.1,
    remarks: tuple = (),
) -> Attempt:
    return Attempt(outcome, evidence, seconds, findings, remarks, transcript)


def passed(check: Check, *, seconds: float = 0.12, remarks: tuple = ()) -> Verdict:
    lines = play("ana > hola", joining=("ana",))
    quiet = scene(check.id, "0.031 ana sent 0 hola\\n", lines, joining=("ana",))
    done = attempt(Outcome.PASSED, Evidence.SEEN, (), quiet, seconds=seconds, remarks=remarks)
    return Verdict(check, Outcome.PASSED, check.points, Evidence.SEEN, attempts=(done,), remarks=remarks)


def failed(
    check: Check,
    evidence: Evidence,
    findings: tuple,
    transcript: Transcript,
    reference: Transcript | None = None,
    *,
    earned: float = 0.0,
    attempts: int = 1,
    remarks: tuple = (),
) -> Verdict:
    one = attempt(
        Outcome.FAILED,
        evidence,
        findings,
        transcript,
        seconds=transcript.events[-1].t if transcript.events else 0.1,
        remarks=remarks,
    )
    return Verdict(check, Outcome.FAILED, earned, evidence, (), (one,) * attempts, findings, remarks, reference)


def blocked(check: Check, *by: str) -> Verdict:
    return Verdict(check, Outcome.BLOCKED, 0.0, blocked_by=by)


def index_of(transcript: Transcript, *wanted: tuple[str, Kind, bytes]) -> tuple[int, ...]:
    """The indices of events by who, kind and how their data begins."""
    return tuple(
        i
        for who, kind, data in wanted
        for i, e in enumerate(transcript.events)
        if e.who == who and e.kind is kind and e.data.startswith(data)
    )


def run(**more: object) -> Run:
    given = {
        "id": "2026-11-22-180412-7",
        "started": "2026-11-22T18:04:12+01:00",
        "seconds": 2.84,
        "seed": 7,
        "argv": ("grade", "submissions/alice"),
        "rung": "full",
        "rung_why": "bubblewrap 0.8.0",
        "versions": {"grade": "0.1.0", "python": "3.11.7", "linux": "6.1.0"},
        "reference_digest": "sha256:77aa1f0c2b9de8",
    }
    return Run(**{**given, **more})


def grade(name: str, verdicts: list[Verdict], **more: object) -> Grade:
    given = {
        "submission": Submission(name, f"submissions/{name}", "sha256:9f2c00d1e5b7aa3441ab"),
        "spec_id": "chat",
        "spec_title": TITLE,
        "spec_digest": "sha256:3b8100c4d2f5e07d",
        "language": "en",
        "verdicts": tuple(verdicts),
        "run": run(),
    }
    return Grade(**{**given, **more})


# ------------------------------------------------------------------------------------------- alice: three bugs

THREE = ("ana", "beto", "caro")


def echo() -> Verdict:
    lines = play(
        "ana > hola a todos", "beto < ana: hola a todos", "caro < ana: hola a todos", "ana (nothing)", joining=THREE
    )
    mine = scene(
        "no-echo",
        """
        0.031 ana sent 0 hola a todos\\n
        0.033 ana received - ana: hola a todos\\n
        0.033 beto received 1 ana: hola a todos\\n
        0.034 caro received 2 ana: hola a todos\\n
        0.036 server waited 3 quiet
        0.037 server noted - end
    """,
        lines,
        joining=THREE,
    )
    theirs = scene(
        "no-echo",
        """
        0.030 ana sent 0 hola a todos\\n
        0.031 beto received 1 ana: hola a todos\\n
        0.031 caro received 2 ana: hola a todos\\n
        0.033 server waited 3 quiet
    """,
        lines,
        joining=THREE,
        subject="reference",
    )
    at = index_of(mine, ("ana", Kind.RECEIVED, b"ana:"))
    finding = Finding("echo", {"who": ["ana"], "got": "ana: hola a todos", "count": 1}, at)
    return failed(CHECKS["no-echo"], Evidence.SEEN, (finding,), mine, theirs)


HANDLE = (
    (16, "def handle(conn, name):"),
    (17, "    while True:"),
    (18, "        data = conn.recv(4096)"),
    (19, "        if not data:"),
    (20, "            break"),
    (21, '        broadcast(f"{name}: {data.decode()}", conn)'),
    (22, "    clients.remove(conn)"),
    (23, '    broadcast(f"* {name} left\\n", conn)'),
)

TRACEBACK = (
    b"Exception in thread Thread-2 (handle):\nTraceback (most recent call last):\n"
    b'  File "/usr/lib/python3.11/threading.py", line 1045, in _bootstrap_inner\n    self.run()\n'
    b'  File "server.py", line 18, in handle\n    data = conn.recv(4096)\n           ^^^^^^^^^^^^^^^\n'
    b"ConnectionResetError: [Errno 104] Connection reset by peer\n"
)


def crash(*, attempts: int = 1) -> Verdict:
    lines = play(
        "beto (crashes)", "ana,caro < * beto left", "ana > still here?", "caro < ana: still here?", joining=THREE
    )
    mine = scene(
        "lost-client",
        """
        0.030 beto crashed 0
        0.034 server waited - quiet
        0.035 ana gave-up 1 * beto left\\n
        0.035 caro gave-up 1 * beto left\\n
    """,
        lines,
        joining=THREE,
    )
    events = [*mine.events]
    events.insert(-3, Event(0.031, SERVER, Kind.ERRORS, TRACEBACK))
    mine = replace(mine, events=tuple(events))
    theirs = scene(
        "lost-client",
        """
        0.029 beto crashed 0
        0.030 ana received 1 * beto left\\n
        0.030 caro received 1 * beto left\\n
        0.031 ana sent 2 still here?\\n
        0.032 caro received 3 ana: still here?\\n
    """,
        lines,
        joining=THREE,
        subject="reference",
    )
    at = index_of(mine, ("ana", Kind.GAVE_UP, b""), ("caro", Kind.GAVE_UP, b""))
    spot = SourceSpot("server.py", 18, HANDLE, "ConnectionResetError: [Errno 104] Connection reset by peer")
    finding = Finding("never-came", {"who": ["ana", "caro"], "text": "* beto left"}, at, spot)
    return failed(CHECKS["lost-client"], Evidence.QUIET, (finding,), mine, theirs, attempts=attempts)


def slow() -> Verdict:
    lines = play(
        "caro (freezes)",
        "ana > <long 4000000>",
        "beto > can you hear me?",
        "ana < beto: can you hear me?",
        joining=THREE,
    )
    mine = scene(
        "slow-reader",
        """
        0.030 caro frozen 0
        0.031 ana sent 1 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\\n
        0.212 beto received - ana: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\\n
        0.240 beto sent 2 can you hear me?\\n
        1.240 ana gave-up 3 beto: can you hear me?\\n
    """,
        lines,
        joining=THREE,
    )
    mine = replace(
        mine,
        threads=(
            Thread(
                "MainThread",
                "accept",
                None,
                0,
                SourceSpot(
                    "server.py",
                    44,
                    (
                        (43, "while True:"),
                        (44, "    conn, address = listener.accept()"),
                        (45, "    threading.Thread(target=handle, args=(conn,)).start()"),
                    ),
                ),
            ),
            Thread(
                "Thread-1 (handle)",
                "sendall",
                "caro",
                0,
                SourceSpot(
                    "server.py",
                    11,
                    (
                        (8, "def broadcast(text, sender):"),
                        (9, "    with lock:"),
                        (10, "        for conn in clients:"),
                        (11, "            conn.sendall(text.encode())"),
                    ),
                ),
            ),
            Thread(
                "Thread-2 (handle)",
                "lock",
                "beto",
                17,
                SourceSpot(
                    "server.py",
                    9,
                    ((8, "def broadcast(text, sender):"), (9, "    with lock:"), (10, "        for conn in clients:")),
                ),
            ),
        ),
        events=tuple(e._replace(data=e.data.rstrip(), cut=3_999_900) if b"xxx" in e.data else e for e in mine.events),
    )
    theirs = scene(
        "slow-reader",
        """
        0.030 caro frozen 0
        0.031 ana sent 1 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\\n
        0.240 beto sent 2 can you hear me?\\n
        0.241 ana received 3 beto: can you hear me?\\n
    """,
        lines,
        joining=THREE,
        subject="reference",
    )
    theirs = replace(
        theirs,
        events=tuple(e._replace(data=e.data.rstrip(), cut=3_999_900) if b"xxx" in e.data else e for e in theirs.events),
    )
    at = index_of(mine, ("ana", Kind.GAVE_UP, b""))
    finding = Finding("never-came", {"who": ["ana"], "text": "beto: can you hear me?"}, at)
    return failed(CHECKS["slow-reader"], Evidence.DEADLINE, (finding,), mine, theirs)


def unsteady() -> Verdict:
    two = ("ana", "beto")
    lines = play("ana > uno", "ana > dos", "ana > tres", joining=two)  # who heard what is judged by the law alone
    good = scene(
        "order",
        """
        0.020 ana sent 0 uno\\n
        0.021 ana sent 1 dos\\n
        0.021 ana sent 2 tres\\n
        0.022 beto received - ana: uno\\n
        0.022 beto received - ana: dos\\n
        0.023 beto received - ana: tres\\n
    """,
        lines,
        joining=two,
    )
    bad = scene(
        "order",
        """
        0.020 ana sent 0 uno\\n
        0.021 ana sent 1 dos\\n
        0.021 ana sent 2 tres\\n
        0.022 beto received - ana: dos\\n
        0.022 beto received - ana: uno\\n
        0.023 beto received - ana: tres\\n
    """,
        lines,
        joining=two,
    )
    at = index_of(bad, ("beto", Kind.RECEIVED, b"ana: uno"))
    finding = Finding("reordered", {"who": ["beto"], "about": "ana", "first": "dos", "then": "uno"}, at)
    tries = (
        attempt(Outcome.PASSED, Evidence.SEEN, (), good, seconds=0.31),
        attempt(Outcome.FAILED, Evidence.SEEN, (finding,), bad, seconds=0.33),
        attempt(Outcome.PASSED, Evidence.SEEN, (), good, seconds=0.3),
    )
    theirs = replace(good, subject="reference")
    return Verdict(CHECKS["order"], Outcome.UNSTEADY, 4.0, Evidence.SEEN, (), tries, (finding,), (), theirs)


def alice() -> Grade:
    aside = Finding("echo", {"who": ["ana"], "got": "ana: hola", "count": 2})
    return grade(
        "alice",
        [
            passed(CHECKS["listens"], seconds=0.2),
            passed(CHECKS["welcome"]),
            passed(CHECKS["broadcast"], remarks=(aside,)),
            echo(),
            passed(CHECKS["pieces"], seconds=0.4),
            crash(),
            slow(),
            unsteady(),
            blocked(CHECKS["rejoin"], "lost-client"),
        ],
    )


def all_passed() -> Grade:
    slow_but_fine = Finding("passed-when-repeated", {"attempts": 2})
    return grade("bob", [passed(c, remarks=(slow_but_fine,) if c.id == "order" else ()) for c in CHECKS.values()])


# ---------------------------------------------------------------------------------------- nothing starts, and others


def nothing_starts() -> Grade:
    lines = play("server (listens)")
    quiet = scene(
        "listens", "0.04 server started -\n0.09 server exited - 1\n0.09 server gave-up 0 !exited-early", lines
    )
    errors = Event(
        0.088,
        SERVER,
        Kind.ERRORS,
        b"Traceback (most recent call last):\n  File \"server.py\", line 3, in <module>\n    import chatlib\nModuleNotFoundError: No module named 'chatlib'\n",
    )
    quiet = replace(quiet, events=(*quiet.events[:1], errors, *quiet.events[1:]))
    spot = SourceSpot(
        "server.py",
        3,
        ((1, "import socket"), (2, "import threading"), (3, "import chatlib"), (4, ""), (5, "clients = []")),
        "ModuleNotFoundError: No module named 'chatlib'",
    )
    facts = {"status": 1, "signal": None, "last": "ModuleNotFoundError: No module named 'chatlib'"}
    finding = Finding("exited-early", facts, (3,), spot)
    others = [blocked(c, "listens") for c in CHECKS.values() if c.id != "listens"]
    cause = Cause("exited-early", tuple(CHECKS), facts)
    return grade("carol", [failed(CHECKS["listens"], Evidence.SEEN, (finding,), quiet), *others], causes=(cause,))


def wrong_port() -> Grade:
    lines = play("server (listens)")
    facts = {"port": 5000, "listening": 8080}
    finding = Finding("wrong-port", facts, (1,))
    verdicts = []
    for check in CHECKS.values():
        heard = scene(
            check.id,
            "0.04 server started -\n0.06 server listening 0 8080",
            lines,
            server=replace(SERVED, listening=8080),
        )
        verdicts.append(failed(check, Evidence.SEEN, (finding,), heard))
    return grade("dora", verdicts, causes=(Cause("wrong-port", tuple(CHECKS), facts),))


def never_listens() -> Grade:
    lines = play("server (listens)")
    facts = {"port": 5000}
    silent = scene(
        "listens",
        "0.04 server started -\n5.04 server gave-up 0 !never-listens",
        lines,
        threads=(
            Thread(
                "MainThread",
                "read",
                None,
                0,
                SourceSpot(
                    "server.py",
                    4,
                    ((3, "print('Welcome')"), (4, "name = input('Your port? ')"), (5, "server = socket.socket()")),
                ),
            ),
        ),
    )
    finding = Finding("never-listens", facts, (1,))
    return grade(
        "eva",
        [
            failed(CHECKS["listens"], Evidence.QUIET, (finding,), silent),
            *(blocked(c, "listens") for c in CHECKS.values() if c.id != "listens"),
        ],
    )


def no_server() -> Grade:
    problem = Finding("no-server", {"looked_for": ["server.py", "server.c", "Makefile"]})
    return grade(
        "fito",
        [failed(c, Evidence.SEEN, (problem,), Transcript(c.id, "submission", 7, ())) for c in CHECKS.values()],
        problem=problem,
    )


def build_failed() -> Grade:
    log = "gcc -Wall -o server server.c\nserver.c: In function ‘main’:\nserver.c:12:5: error: expected ‘;’ before ‘return’\nmake: *** [Makefile:2: server] Error 1\n"
    facts = {"command": "make", "status": 2, "last": "make: *** [Makefile:2: server] Error 1"}
    problem = Finding("build-failed", facts)
    return grade("gala", [], problem=problem, build=Build("make", 2, 0.4, log))


def grader_problem() -> Grade:
    withdrawn = Finding("reference-failed", {})
    verdicts = [passed(c) for c in CHECKS.values() if c.id not in ("slow-reader", "rejoin")]
    verdicts.insert(5, Verdict(CHECKS["slow-reader"], Outcome.GRADER_PROBLEM, 0.0, findings=(withdrawn,)))
    broken = Finding("grader-error", {"what": "the agent in the box did not answer"})
    return grade("hugo", [*verdicts, Verdict(CHECKS["rejoin"], Outcome.GRADER_PROBLEM, 0.0, findings=(broken,))])


def no_tool() -> Grade:
    problem = Finding("no-tool", {"tool": "javac"})
    return grade(
        "iris", [Verdict(c, Outcome.GRADER_PROBLEM, 0.0, findings=(problem,)) for c in CHECKS.values()], problem=problem
    )


def interrupted() -> Grade:
    whole = alice()
    verdicts = [v if n < 4 else Verdict(v.check, None, 0.0) for n, v in enumerate(whole.verdicts)]
    return replace(whole, submission=replace(whole.submission, name="jorge"), verdicts=tuple(verdicts), complete=False)


def eight_clients() -> Grade:
    names = tuple(f"c{n}" for n in range(1, 13))
    check = Check(
        "crowd",
        {"en": "Twelve clients hear one another", "es": "Doce clientes se oyen"},
        10,
        concept="thread",
        clients=names,
    )
    lines = play("c1 > hi", f"{','.join(names[1:])} < c1: hi", joining=names)
    script = "0.100 c1 sent 0 hi\\n\n" + "\n".join(
        f"0.{101 + n} {c} received 1 c1: hi\\n" for n, c in enumerate(names[1:8])
    )
    script += "\n" + "\n".join(f"0.150 {c} gave-up 1 c1: hi\\n" for c in names[8:])
    mine = scene("crowd", script, lines, joining=names)
    theirs = scene(
        "crowd",
        "0.100 c1 sent 0 hi\\n\n" + "\n".join(f"0.101 {c} received 1 c1: hi\\n" for c in names[1:]),
        lines,
        joining=names,
        subject="reference",
    )
    at = tuple(i for i, e in enumerate(mine.events) if e.kind is Kind.GAVE_UP)
    finding = Finding("never-came", {"who": list(names[8:]), "text": "c1: hi"}, at)
    return grade("kate", [passed(CHECKS["listens"]), failed(check, Evidence.QUIET, (finding,), mine, theirs)])


def flood(messages: int = 5000) -> Grade:
    check = Check(
        "flood",
        {"en": "Nothing is lost in a flood", "es": "Nada se pierde en una inundación"},
        10,
        concept="socket",
        clients=("ana", "beto"),
    )
    lines = play("ana > m <i>", "beto < ana: m <i>", joining=("ana", "beto"))
    lines = (*lines[:-2], replace(lines[-2], times=messages), replace(lines[-1], times=messages))
    base = len(lines) - 2
    events = joins("ana", "beto")
    for n in range(messages):
        events.append(Event(0.02 + n * 1e-4, "ana", Kind.SENT, b"m %d\n" % n, step=base))
        events.append(Event(0.02 + n * 1e-4 + 5e-5, "beto", Kind.RECEIVED, b"ana: m %d\n" % n, step=base + 1))
    theirs = Transcript("flood", "reference", 7, tuple(events), lines, SERVED)
    at = messages * 4 // 5 + 17
    events.insert(at, Event(events[at - 1].t, "beto", Kind.RECEIVED, b"ana: m 1999\n"))
    mine = Transcript("flood", "submission", 7, tuple(events), lines, SERVED)
    finding = Finding("doubled", {"who": ["beto"], "got": "ana: m 1999", "count": 1}, (at,))
    return grade("lola", [failed(check, Evidence.SEEN, (finding,), mine, theirs)])


EVIL = "<script>alert(1)</script> \u202egnp.exe\u202c \x1b[31mred\x1b[0m \x00 &amp; \" ' </style> {{7*7}} javascript:alert(1)"


def hostile() -> Grade:
    """A submission that tries to break the page from every side."""
    evil = EVIL.encode()
    title = {"en": f"Check {EVIL}", "es": f"Prueba {EVIL}"}
    check = Check("no-echo", title, 4, title, title, title, concept="socket", clients=("ana", "beto"))
    lines = play("ana > hola", "beto < ana: hola", joining=("ana", "beto"))
    base = len(lines) - 2
    events = (
        *joins("ana", "beto"),
        Event(0.02, "ana", Kind.SENT, b"hola\n", step=base),
        Event(0.03, "beto", Kind.RECEIVED, evil + b"\n"),
        Event(0.04, "beto", Kind.RECEIVED, b"\xff\xfe\x80\r\n"),
        Event(0.05, "beto", Kind.RECEIVED, b"A" * 1_000_000 + b"\n"),
        Event(0.06, SERVER, Kind.ERRORS, evil + b"\nValueError: " + evil + b"\n"),
        Event(0.07, SERVER, Kind.OUTPUT, evil * 30),
        Event(0.08, "beto", Kind.GAVE_UP, evil, step=base + 1),
    )
    n = len(events)
    spot = SourceSpot(f"{EVIL}.py", 3, ((2, EVIL), (3, EVIL), (4, "\u202eback")), f"{EVIL}Error: {EVIL}")
    facts = {"who": ["beto"], "text": EVIL, "got": [EVIL, "A" * 1_000_000]}
    finding = Finding("invented", facts, (n - 6, n - 5, n - 4), spot)
    mine = Transcript(
        "no-echo",
        "submission",
        7,
        events,
        lines,
        ServerFacts((f"/bin/{EVIL}", EVIL), 5000),
        (Thread(EVIL, EVIL, EVIL, 3, spot),),
    )
    made = failed(
        check, Evidence.SEEN, (finding, Finding(EVIL, {EVIL: EVIL})), mine, replace(mine, subject="reference")
    )
    build = Build(f"make {EVIL}", 1, 0.1, EVIL * 20)
    name = f"{EVIL}\udcff\n../../etc"
    given = grade(
        "mallory",
        [made],
        build=build,
        spec_title=title,
        problem=Finding("build-failed", {"command": EVIL, "last": EVIL}),
    )
    return replace(
        given,
        submission=Submission(name, name, EVIL),
        run=run(id=EVIL, rung=EVIL, rung_why=EVIL, versions={EVIL: EVIL}),
    )


def hidden() -> Grade:
    whole = alice()
    verdicts = [
        replace(v, check=replace(v.check, hidden=True)) if v.check.id == "lost-client" else v for v in whole.verdicts
    ]
    return replace(whole, verdicts=tuple(verdicts))


def one_at_a_time() -> Grade:
    two = ("ana", "beto")
    lines = play("beto (connects)", "beto < name?", joining=("ana",))
    mine = scene(
        "welcome",
        "0.010 beto connected 0\n0.016 server waited - quiet\n0.016 beto gave-up 0 !not-accepted",
        lines,
        joining=("ana",),
    )
    mine = replace(
        mine,
        threads=(
            Thread(
                "MainThread",
                "recv",
                "ana",
                0,
                SourceSpot(
                    "server.py",
                    12,
                    (
                        (10, "conn, address = server.accept()"),
                        (11, "while True:"),
                        (12, "    data = conn.recv(1024)"),
                        (13, "    conn.sendall(data)"),
                    ),
                ),
            ),
        ),
    )
    theirs = scene(
        "welcome",
        "0.010 beto connected 0\n0.011 beto received 1 name?\\n",
        lines,
        joining=("ana",),
        subject="reference",
    )
    at = index_of(mine, ("beto", Kind.GAVE_UP, b""))
    finding = Finding("not-accepted", {"who": ["beto"], "port": 5000}, at)
    checks = [c for c in CHECKS.values() if c.id not in ("listens", "welcome")]
    cause = Cause("one-at-a-time", tuple(c.id for c in checks), {"who": list(two[:1]), "waiting": ["beto"]})
    verdicts = [failed(c, Evidence.QUIET, (finding,), replace(mine, check=c.id), theirs) for c in checks]
    return grade("nico", [passed(CHECKS["listens"]), passed(CHECKS["welcome"]), *verdicts], causes=(cause,))


def ended() -> Grade:
    lines = play("ana >> \\xff\\xfe\\n", "beto > hola", "ana < beto: hola", joining=("ana", "beto"))
    mine = scene(
        "pieces",
        """
        0.020 ana sent 0 \\xff\\xfe\\n
        0.023 server exited - -11
        0.023 ana server-reset -
        0.023 beto server-closed -
    """,
        lines,
        joining=("ana", "beto"),
    )
    theirs = scene(
        "pieces",
        "0.02 ana sent 0 \\xff\\xfe\\n\n0.021 beto sent 1 hola\\n\n0.022 ana received 2 beto: hola\\n",
        lines,
        joining=("ana", "beto"),
        subject="reference",
    )
    at = index_of(mine, (SERVER, Kind.EXITED, b""))
    finding = Finding("exited", {"status": -11, "signal": 11, "last": ""}, at)
    return grade("olga", [passed(CHECKS["listens"]), failed(CHECKS["pieces"], Evidence.SEEN, (finding,), mine, theirs)])


def sent_from_here() -> Grade:
    """What the flight recorder adds: the line from which the wrong message was sent."""
    where = SourceSpot(
        "server.py",
        31,
        (
            (29, "def broadcast(text, sender):"),
            (30, "    for conn in clients:"),
            (31, "        conn.sendall(text.encode())"),
            (32, ""),
        ),
        recorded="sent",
        via=(("server.py", 12),),
    )
    made = echo()
    finding = replace(made.findings[0], where=where)
    tried = replace(made.attempts[0], findings=(finding,))
    return grade("pia", [passed(CHECKS["listens"]), replace(made, findings=(finding,), attempts=(tried,))])


def crowded(checks: int = 200) -> Grade:
    """More failures, each with more evidence, than a page can hold."""
    frames = "".join(f'  File "server.py", line {n}, in f{n}\n    {"x" * 150}\n' for n in range(80))
    noise = f"Traceback (most recent call last):\n{frames}ValueError: {'y' * 150}\n".encode()
    whole = slow()
    verdicts = []
    for number in range(checks):
        check = replace(whole.check, id=f"c{number}")
        tried = whole.attempts[0]
        events = [*tried.transcript.events]
        events[20:20] = [Event(0.1, SERVER, kind, noise) for kind in (Kind.ERRORS, Kind.OUTPUT)]
        finding = Finding("never-came", {"who": ["ana"], "text": f"beto: {number}"})
        tried = replace(tried, findings=(finding,), transcript=replace(tried.transcript, events=tuple(events)))
        tries = tuple(replace(tried, outcome=o) for o in (Outcome.PASSED, Outcome.FAILED, Outcome.FAILED))
        verdicts.append(
            replace(whole, check=check, outcome=Outcome.UNSTEADY, attempts=tries, findings=(finding, *[
                Finding("lost", {"who": ["ana"], "about": f"beto{n}", "count": 1, "of": 2}) for n in range(40)]))
        )  # fmt: skip
    return grade("many", verdicts)


SAMPLES = {
    "alice": alice,
    "all-passed": all_passed,
    "nothing-starts": nothing_starts,
    "wrong-port": wrong_port,
    "never-listens": never_listens,
    "no-server": no_server,
    "build-failed": build_failed,
    "grader-problem": grader_problem,
    "no-tool": no_tool,
    "interrupted": interrupted,
    "eight-clients": eight_clients,
    "flood": flood,
    "hostile": hostile,
    "hidden": hidden,
    "one-at-a-time": one_at_a_time,
    "ended": ended,
    "sent-from-here": sent_from_here,
}

if __name__ == "__main__":
    from grader.report.html import student_page

    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in SAMPLES.items():
        for lang in ("en", "es"):
            page = student_page(make(), lang)
            (folder / f"{name}.{lang}.html").write_text(page, encoding="utf-8")
            sys.stdout.write(f"{name:16} {lang} {len(page.encode()) / 1024:7.1f} KB\n")

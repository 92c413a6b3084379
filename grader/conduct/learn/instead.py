"""What a server is that carries no text from one client to the others: never a shrug, always a reason that was seen.

Each rule looks at what the plainest trials showed, the first that fits is the verdict. The last ones ask the server a
question in another protocol. The words of exceptions are those of the language's runtime, not of any student.
"""

from __future__ import annotations

import contextlib
import re
import ssl
from collections.abc import Callable

from grader.conduct.learn.trial import FIRST, NAMES, Seen, Start
from grader.model import Instead

UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
DATABASES = ("mysql", "pymysql", "psycopg", "mongo", "redis", "mariadb", "sqlalchemy", "firebase", "oracledb")
_MODULE = re.compile(r"(?:No module named|Cannot find module|cannot find package) ['\"]?([\w./@-]+)")
_PRINTED = (
    ("instead-display", r"no display name and no \$DISPLAY|couldn't connect to display|HeadlessException|cannot open display|TclError"),
    ("instead-python2", r"Missing parentheses in call to|NameError: name '(?:raw_input|unicode|xrange|unichr)'|<> .*SyntaxError"),
    ("instead-address", r"Cannot assign requested address|EADDRNOTAVAIL|Name or service not known|getaddrinfo|gaierror"),
)  # fmt: skip
MOST_SHOWN = 120
PYTHON2 = ("Queue", "thread", "SocketServer", "Tkinter", "urllib2", "ConfigParser", "StringIO", "cPickle", "commands")


def instead(start: Start, trials: list[Seen]) -> Instead:
    """Why nothing arrives. `trials` are the plainest ones."""
    seen = trials[0]
    rules: tuple[Callable[[], Instead | None], ...] = (
        lambda: _stopped(seen) if not seen.listens or seen.ended else None,
        lambda: _one_at_a_time(trials),
        lambda: _returned(trials),
        lambda: other_protocol(start, trials),
        lambda: _unreadable(trials),
        lambda: _refused(trials),
    )
    for rule in rules:
        found = rule()
        if found is not None:
            return found
    return Instead("instead-keeps", _answers(trials), seen.events)


def _answers(trials: list[Seen]) -> dict[str, object]:
    """What was answered, the longest of it, if anything was."""
    answers = _shown(max((t.answers + t.returned for t in trials), key=len))
    return {"answers": answers} if answers else {}


def _shown(data: bytes) -> str:
    return data[:MOST_SHOWN].decode("utf-8", "replace").strip()


def _stopped(seen: Seen) -> Instead | None:
    last = (seen.printed.strip().splitlines() or [""])[-1].strip()[:MOST_SHOWN]
    error: dict[str, object] = {"error": last} if last and seen.ended else {}
    for code, pattern in _PRINTED:
        if re.search(pattern, seen.printed):
            return Instead(code, error, seen.events)
    if found := _MODULE.search(seen.printed):
        name = found[1]
        if name in PYTHON2:
            return Instead("instead-python2", error, seen.events)
        if name.lower() in ("tkinter", "_tkinter"):
            return Instead("instead-display", error, seen.events)
        database = any(d in name.lower() for d in DATABASES)
        return Instead("instead-database" if database else "instead-module", {"module": name}, seen.events)
    if udp := next((e.note for e in seen.events if e.note.startswith("udp ")), ""):
        return Instead("instead-udp", {"port": int(udp.split()[1])}, seen.events)
    if not seen.listens:
        return Instead("instead-ended" if seen.ended else "instead-no-port", error, seen.events)
    return None


def _one_at_a_time(trials: list[Seen]) -> Instead | None:
    """The second client waits in the queue of the port while the first one is there, whatever it says."""
    if not all(t.waiting and t.waiting != NAMES[0] for t in trials):
        return None
    code = "instead-operator" if at_keyboard(trials) else "instead-one-client"
    return Instead(code, {"first": NAMES[0], "second": trials[0].waiting}, trials[0].events)


def at_keyboard(trials: list[Seen]) -> bool:
    """Whether the server waits for somebody to type, while the second client waits to be let in."""
    typing = any(thread.doing == "stdin" for t in trials for thread in t.threads)
    return typing and all(t.waiting and t.waiting != NAMES[0] for t in trials)


def other_protocol(start: Start, trials: list[Seen]) -> Instead | None:
    """Whether the server answers in HTTP, WebSocket or TLS."""
    answered = _asked(start, UPGRADE)
    if answered.startswith(b"HTTP/"):
        return Instead(
            "instead-websocket" if b" 101 " in answered[:20] else "instead-http", _line(answered), trials[0].events
        )
    said = b"".join(t.answers + t.returned for t in trials)
    if said.startswith(b"HTTP/") or b"<html" in said.lower():
        return Instead("instead-http", _line(said), trials[0].events)
    greeting = _asked(start, _client_hello())
    if greeting[:2] in (b"\x16\x03", b"\x15\x03"):
        return Instead("instead-tls", {"bytes": greeting[:5].hex(" ")}, trials[0].events)
    return None


def _line(answered: bytes) -> dict[str, object]:
    return {"answers": _shown(answered.splitlines()[0])}


def _asked(start: Start, question: bytes) -> bytes:
    with start() as session:
        if not session.listens or not session.connect(NAMES[0]):
            return b""
        session.forget()
        session.send(NAMES[0], question)
        return session.heard(NAMES[0])


def _client_hello() -> bytes:
    """What a client of TLS says first."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with contextlib.suppress(ssl.SSLWantReadError):
        context.wrap_bio(incoming, outgoing).do_handshake()
    return outgoing.read()


def _returned(trials: list[Seen]) -> Instead | None:
    """Who speaks gets its own words, and nobody else does."""
    if seen := next((t for t in trials if t.echoed), None):
        return Instead("instead-echo", {"said": FIRST}, seen.events)
    return None


def _unreadable(trials: list[Seen]) -> Instead | None:
    """The others get something for every text, and the text is not in it."""
    for seen in trials:
        odd = sum(b < 9 or b > 126 for b in seen.strangers)
        if len(seen.strangers) > 12 and (odd * 4 > len(seen.strangers) or _scrambled(seen.strangers)):
            return Instead("instead-encrypted", {"said": FIRST, "got": _escaped(seen.strangers)}, seen.events)
    return None


def _escaped(data: bytes) -> str:
    return "".join(chr(b) if 32 <= b < 127 else f"\\x{b:02x}" for b in data[: MOST_SHOWN // 4])


def _refused(trials: list[Seen]) -> Instead | None:
    """Everybody who came in under a name of its own was shown out."""
    if any(t.waiting or t.came_in or not t.listens or t.ended for t in trials):
        return None
    return Instead("instead-refuses", {"said": NAMES[0], **_answers(trials)}, trials[0].events)


def _scrambled(data: bytes) -> bool:
    """Long words without a space: what base64 looks like."""
    return bool(re.search(rb"[A-Za-z0-9+/=_-]{40,}", data))

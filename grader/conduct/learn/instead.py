"""What a server is that carries no text from one client to the others: never a shrug, always a reason that was seen.

Each rule looks at what the plainest trials showed, the first that fits is the verdict. The last ones ask the server a
question in another protocol. The words of exceptions are those of the language's runtime, not of any student.
"""

from __future__ import annotations

import contextlib
import re
import ssl
from collections.abc import Callable

from grader.conduct.learn.trial import NAMES, Seen, Start
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
    )
    for rule in rules:
        found = rule()
        if found is not None:
            return found
    answers = max((t.answers + t.returned for t in trials), key=len).decode("utf-8", "replace")[:120]
    return Instead("instead-keeps", {"answers": answers} if answers.strip() else {}, seen.events)


def _stopped(seen: Seen) -> Instead | None:
    for code, pattern in _PRINTED:
        if re.search(pattern, seen.printed):
            return Instead(code, {}, seen.events)
    if found := _MODULE.search(seen.printed):
        name = found[1]
        if name in PYTHON2:
            return Instead("instead-python2", {}, seen.events)
        if name.lower() in ("tkinter", "_tkinter"):
            return Instead("instead-display", {}, seen.events)
        database = any(d in name.lower() for d in DATABASES)
        return Instead("instead-database" if database else "instead-module", {"module": name}, seen.events)
    if any(e.note == "udp" for e in seen.events):
        return Instead("instead-udp", {}, seen.events)
    if not seen.listens:
        return Instead("instead-ended" if seen.ended else "instead-no-port", {}, seen.events)
    return None


def _one_at_a_time(trials: list[Seen]) -> Instead | None:
    """The second client waits in the queue of the port while the first one is there, whatever it says."""
    if not all(t.waiting and t.waiting != NAMES[0] for t in trials):
        return None
    return Instead("instead-operator" if at_keyboard(trials) else "instead-one-client", {}, trials[0].events)


def at_keyboard(trials: list[Seen]) -> bool:
    """Whether the server waits for somebody to type, while the second client waits to be let in."""
    typing = any(thread.doing == "stdin" for t in trials for thread in t.threads)
    return typing and all(t.waiting and t.waiting != NAMES[0] for t in trials)


def other_protocol(start: Start, trials: list[Seen]) -> Instead | None:
    """Whether the server answers in HTTP, WebSocket or TLS."""
    answered = _asked(start, UPGRADE)
    if answered.startswith(b"HTTP/"):
        return Instead("instead-websocket" if b" 101 " in answered[:20] else "instead-http", {}, trials[0].events)
    said = b"".join(t.answers + t.returned for t in trials)
    if said.startswith(b"HTTP/") or b"<html" in said.lower():
        return Instead("instead-http", {}, trials[0].events)
    greeting = _asked(start, _client_hello())
    if greeting[:2] in (b"\x16\x03", b"\x15\x03"):
        return Instead("instead-tls", {}, trials[0].events)
    return None


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
    if any(t.echoed for t in trials):
        return Instead("instead-echo", {}, trials[0].events)
    return None


def _unreadable(trials: list[Seen]) -> Instead | None:
    """The others get something for every text, and the text is not in it."""
    for seen in trials:
        odd = sum(b < 9 or b > 126 for b in seen.strangers)
        if len(seen.strangers) > 12 and (odd * 4 > len(seen.strangers) or _scrambled(seen.strangers)):
            return Instead("instead-encrypted", {}, seen.events)
    return None


def _scrambled(data: bytes) -> bool:
    """Long words without a space: what base64 looks like."""
    return bool(re.search(rb"[A-Za-z0-9+/=_-]{40,}", data))

"""The course's 24 checks as a good teaching assistant would write them: side B of `one_submission.py`.

A server per check, half a second for its start, sockets with a time limit of 2 s, lines read through a buffer, half a
second of silence where nothing may come, a tenth between two pieces of a line. It sleeps only where such a script has no
other way of knowing; its clients send and read as fast as they can. No sandbox, no reference, no report: a check that
fails says one line.

The checks and their traffic are those of `specs/chat.yaml`, in its order and under its names. On a busy machine half a
second may be too short for a start, and a message that comes after the half second of silence is never seen.
"""

import collections
import random
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

SUBMISSION = Path(__file__).resolve().parent.parent / "submissions" / "bruno"
PYTHON = sys.executable
"""What the servers are started with."""
START, SILENCE, PIECE, LIMIT = 0.5, 0.5, 0.1, 2.0
JOINED = r"\* \w+ joined"

# ---------------------------------------------------------------------------------------- what every such script begins with


def free_port():
    """A port below 32768, where the system takes none for outgoing connections."""
    while True:
        port = random.randrange(10_000, 32_768)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


class Server:
    def __init__(self):
        self.port = free_port()
        self.ignore = None  # lines that no client minds
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [PYTHON, "server.py", str(self.port)],
            cwd=SUBMISSION,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(START)

    def stop(self, number):
        self.process.send_signal(number)
        self.process.wait(LIMIT)

    def kill(self):
        self.process.kill()
        self.process.wait()


class Client:
    def __init__(self, server, name):
        self.name = name
        self.server = server
        self.socket = socket.create_connection(("127.0.0.1", server.port), LIMIT)
        self.socket.settimeout(LIMIT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""
        self.lines = collections.deque()

    def send(self, *texts):
        for text in texts:
            self.socket.sendall(text.encode() + b"\n")

    def send_raw(self, *pieces):
        for number, piece in enumerate(pieces):
            if number:
                time.sleep(PIECE)
            self.socket.sendall(piece)

    def line(self):
        while not self.lines:
            piece = self.socket.recv(65536)
            if not piece:
                raise AssertionError(f"{self.name}: the server closed the connection")
            self.take(piece)
        return self.lines.popleft()

    def take(self, piece):
        *whole, self.rest = (self.rest + piece).split(b"\n")
        for text in (line.decode(errors="replace") for line in whole):
            if not (self.server.ignore and re.fullmatch(self.server.ignore, text)):
                self.lines.append(text)

    def take_waiting(self):
        """Read what has come so far."""
        self.socket.settimeout(0)
        try:
            while piece := self.socket.recv(65536):
                self.take(piece)
        except BlockingIOError:
            pass
        self.socket.settimeout(LIMIT)

    def expect(self, *texts):
        for text in texts:
            got = self.line()
            assert got == text, f"{self.name}: expected {text!r:.80}, got {got!r:.80}"

    def expect_start(self, text):
        got = self.line()
        assert got.startswith(text), f"{self.name}: expected {text!r}, got {got!r:.80}"

    def skip_to(self, text):
        while self.line() != text:
            pass

    def closed(self):
        try:
            while piece := self.socket.recv(65536):
                self.rest += piece
        except ConnectionResetError:
            pass
        self.socket.close()

    def crash(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


def nothing(*clients, but=None):
    """Silence, except for one line that may come."""
    time.sleep(SILENCE)
    for client in clients:
        client.take_waiting()
        if but is not None and client.lines and client.lines[0] == but:
            client.lines.popleft()
        got = list(client.lines) or client.rest
        assert not got, f"{client.name}: expected nothing, got {got!r:.80}"


def expect(clients, *texts):
    for client in clients:
        client.expect(*texts)


def connect(server, name):
    client = Client(server, name)
    client.expect("name?")
    return client


def join(server, name, present=()):
    client = connect(server, name)
    client.send(name)
    client.expect(f"welcome {name}")
    expect(present, f"* {name} joined")
    return client


def room(server, *names):
    clients = []
    for name in names:
        clients.append(join(server, name, () if server.ignore else clients))
    return clients


# --------------------------------------------------------------------------------------------------------------- the 24 checks


def starts(server):
    socket.create_connection(("127.0.0.1", server.port), LIMIT).close()


def connects(server):
    join(server, "ana")


def names(server):
    server.ignore = JOINED
    (ana,) = room(server, "ana")
    beto = join(server, "Beto_Alberto_2024_xy")
    caro = join(server, "Ana")
    for bad in ("", "/who", "Beto_Alberto_2024_xyz", "ana maria", "hola!", "peña", "ana"):
        dani = connect(server, "dani")
        dani.send(bad)
        dani.expect_start("refused: ")
        dani.closed()
    nothing(ana, beto, caro)


def join_notice(server):
    (ana,) = room(server, "ana")
    beto = join(server, "beto", [ana])
    nothing(beto)
    caro = connect(server, "caro")
    ana.send("hola, beto")
    beto.expect("ana: hola, beto")
    nothing(caro)
    caro.send("caro")
    caro.expect("welcome caro")
    expect([ana, beto], "* caro joined")
    nothing(caro)


def broadcast(server):
    ana, beto, caro = room(server, "ana", "beto", "caro")
    ana.send("hola a todos")
    expect([beto, caro], "ana: hola a todos")
    beto.send("¿Qué tal, Ana? ¡Aquí hay ñandúes!")
    expect([ana, caro], "beto: ¿Qué tal, Ana? ¡Aquí hay ñandúes!")
    caro.send("nota: dos  espacios, 5 * 5, 100 % seguro")
    expect([ana, beto], "caro: nota: dos  espacios, 5 * 5, 100 % seguro")
    ana.send("uno", "dos", "tres")
    expect([beto, caro], "ana: uno", "ana: dos", "ana: tres")


def no_echo(server):
    ana, beto = room(server, "ana", "beto")
    ana.send("hola")
    beto.expect("ana: hola")
    nothing(ana)
    beto.send("hola, ana")
    ana.expect("beto: hola, ana")
    nothing(beto)


def crlf(server):
    server.ignore = JOINED
    (ana,) = room(server, "ana")
    caro = connect(server, "caro")
    caro.send_raw(b"caro\r\n")
    caro.expect("welcome caro")
    caro.send_raw(b"hola, ana\r\n")
    ana.expect("caro: hola, ana")
    ana.send_raw(b"hola\r\n")
    caro.expect("ana: hola")


def who(server):
    server.ignore = JOINED
    (beto,) = room(server, "beto")
    beto.send("/who")
    beto.expect("* here: beto")
    zoe = connect(server, "Zoe")
    beto.send("/who")
    beto.expect("* here: beto")
    zoe.send("Zoe")
    zoe.expect("welcome Zoe")
    ana = join(server, "ana")
    for client in (beto, ana):
        client.send("/who")
        client.expect("* here: Zoe, ana, beto")


def away(server):
    ana, beto = room(server, "ana", "beto")
    for _ in range(2):
        ana.send("/away")
        beto.expect("* ana is away")
    beto.send("vuelves pronto?")
    ana.expect("beto: vuelves pronto?")
    ana.send("ya casi")
    beto.expect("ana: ya casi")
    ana.send("/back")
    beto.expect("* ana is back")
    ana.send("/baila")
    ana.expect("unknown: /baila")
    ana.send("")
    nothing(ana, beto)


def leave_quit(server):
    server.ignore = JOINED
    ana, beto = room(server, "ana", "beto")
    ana.send("hasta luego", "/quit")
    beto.expect("ana: hasta luego", "* ana left")
    ana.closed()
    caro = join(server, "caro")
    beto.send("ana se fue")
    caro.expect("beto: ana se fue")


def leave_close(server):
    ana, beto, caro = room(server, "ana", "beto", "caro")
    ana.socket.close()
    expect([beto, caro], "* ana left")
    beto.send("seguimos")
    caro.expect("beto: seguimos")
    caro.send("me voy")
    caro.socket.shutdown(socket.SHUT_WR)
    beto.expect("caro: me voy", "* caro left")
    caro.closed()
    dani = connect(server, "dani")
    dani.socket.close()
    nothing(beto)


def leave_crash(server):
    ana, beto, caro = room(server, "ana", "beto", "caro")
    ana.crash()
    expect([beto, caro], "* ana left")
    beto.send("sigue alguien?")
    caro.expect("beto: sigue alguien?")
    caro.send("yo sigo")
    beto.expect("caro: yo sigo")
    dani = connect(server, "dani")
    dani.crash()
    beto.send("y ahora?")
    got = caro.line()
    if re.fullmatch(r"\* .* left", got):  # it may be announced
        got = caro.line()
    assert got == "beto: y ahora?", f"caro: expected 'beto: y ahora?', got {got!r:.80}"


def leave_once(server):
    ana, beto, caro, dani = room(server, "ana", "beto", "caro", "dani")
    ana.send("/quit")
    expect([beto, caro, dani], "* ana left")
    ana.closed()
    nothing(beto, caro, dani)
    dani.socket.close()
    nothing(beto, caro, but="* dani left")
    beto.send("se fue?")
    caro.expect("beto: se fue?")


def rejoin(server):
    server.ignore = JOINED
    ana, beto = room(server, "ana", "beto")
    ana.send("/quit")
    beto.expect("* ana left")
    ana.closed()
    beto.send("/who")
    got = beto.line()
    assert got in ("* here: beto", "* here: ", "unknown: /who"), f"beto: expected '* here: beto', got {got!r:.80}"
    beto.send("/quit")
    beto.closed()
    ana = join(server, "ana")
    beto = join(server, "beto")
    ana.send("otra vez")
    beto.expect("ana: otra vez")
    beto.send("bienvenida")
    ana.expect("beto: bienvenida")


def five_clients(server):
    clients = room(server, "ana", "beto", "caro", "dani", "eva")
    flor = connect(server, "flor")
    server.ignore = JOINED  # flor comes in at any point
    wrong = []

    def talk(own):
        try:
            own.send(*(f"mensaje {i} de {own.name}" for i in range(1, 201)))
            heard = {client.name: 0 for client in clients if client is not own}
            for _ in range(200 * len(heard)):
                author, _, text = own.line().partition(": ")
                heard[author] += 1
                assert text == f"mensaje {heard[author]} de {author}", f"{own.name}: {author} out of order: {text}"
        except (AssertionError, KeyError, OSError) as problem:
            wrong.append(problem)

    def come():
        try:
            flor.send("flor")
            flor.expect("welcome flor")
        except (AssertionError, OSError) as problem:
            wrong.append(problem)

    threads = [threading.Thread(target=talk, args=(client,)) for client in clients] + [threading.Thread(target=come)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong, wrong
    flor.take_waiting()
    for name in (client.name for client in clients):
        said = [f"{name}: mensaje {i} de {name}" for i in range(1, 201)]
        got = [line for line in flor.lines if line.startswith(f"{name}: ")]
        assert any(got == said[first : first + len(got)] for first in range(200)), f"flor: {name} out of order"


def idle_client(server):
    server.ignore = JOINED
    (ana,) = room(server, "ana")
    mudo = connect(server, "mudo")
    ana.send_raw(b"esto queda a med")
    beto = join(server, "beto")
    beto.send("hola")
    ana.expect("beto: hola")
    mudo.socket.close()


def slow_reader(server):
    server.ignore = JOINED + r"|\* lento left"
    ana, _lento = room(server, "ana", "lento")
    for _ in range(10):
        ana.send(*(f"{i} {'x' * 3990}" for i in range(1, 141)))
    beto = join(server, "beto")
    ana.send("sigue alguien?")
    beto.skip_to("ana: sigue alguien?")
    beto.send("yo sigo")
    ana.expect("beto: yo sigo")


def split_line(server):
    server.ignore = JOINED
    (ana,) = room(server, "ana")
    caro = connect(server, "caro")
    caro.send_raw(b"ca", b"ro", b"\n")
    caro.expect("welcome caro")
    ana.send_raw(b"ho", b"la a t", b"odos\n")
    caro.expect("ana: hola a todos")
    ana.send_raw(b"uno\ndo", b"s\n")
    caro.expect("ana: uno", "ana: dos")
    ana.send_raw(b"hasta ma\xc3", b"\xb1ana\n")
    caro.expect("ana: hasta mañana")


def glued_lines(server):
    server.ignore = JOINED
    (ana,) = room(server, "ana")
    caro = Client(server, "caro")
    caro.send_raw(b"caro\nhola a todos\n")
    caro.expect("name?", "welcome caro")
    ana.expect("caro: hola a todos")
    ana.send_raw(b"uno\ndos\ntres\n")
    caro.expect("ana: uno", "ana: dos", "ana: tres")


def long_line(server):
    ana, beto = room(server, "ana", "beto")
    ana.send("x" * 3999)
    beto.expect("ana: " + "x" * 3999)
    beto.send("larga historia")
    ana.expect("beto: larga historia")


def garbage(server):
    ana, beto, malo, largo = room(server, "ana", "beto", "malo", "largo")
    malo.send_raw(b"\xff\xfe hola \xc3\x28 \x80\n")
    largo.send("x" * 9000)
    ana.send("sigue alguien?")
    beto.skip_to("ana: sigue alguien?")
    beto.send("yo sigo")
    ana.skip_to("beto: yo sigo")


def crowd(server):
    clients = [join(server, f"c{i}") for i in range(1, 201)]
    clients[-1].send("hola a todos")
    for client in clients[:-1]:
        client.skip_to("c200: hola a todos")
    for client in clients:
        client.socket.close()


def restart(server):
    server.ignore = JOINED
    (ana,) = room(server, "ana")
    ana.send("/quit")
    try:
        ana.closed()
    except TimeoutError:  # it need not close
        ana.socket.close()
    server.stop(signal.SIGTERM)
    server.start()
    beto, caro = room(server, "beto", "caro")
    beto.send("como nuevo")
    caro.expect("beto: como nuevo")


def stops(server):
    server.stop(signal.SIGTERM)
    server.start()
    _ana = join(server, "ana")
    server.stop(signal.SIGINT)


CHECKS = (
    starts, connects, names, join_notice, broadcast, no_echo, crlf, who, away, leave_quit, leave_close, leave_crash, leave_once,
    rejoin, five_clients, idle_client, slow_reader, split_line, glued_lines, long_line, garbage, crowd, restart, stops,
)  # fmt: skip


def grade():
    """Run all checks; returns what failed."""
    failed = []
    for check in CHECKS:
        server = Server()
        try:
            check(server)
        except (AssertionError, OSError, subprocess.TimeoutExpired) as problem:
            failed.append(f"{check.__name__}: {problem}")
        finally:
            server.kill()
    return failed

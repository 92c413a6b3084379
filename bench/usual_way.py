"""The course's 24 checks as a good teaching assistant would write them: side B of `one_submission.py`.

A server per check, half a second for its start, sockets with a time limit of 2 s, lines read through a buffer, half a
second of silence where nothing may come, a tenth between two pieces of a line. It sleeps only where such a script has no
other way of knowing; its clients send and read as fast as they can. No sandbox, no reference, no report: a check that
fails says one line.

The checks and their traffic are those of `specs/chat.yaml`, in its order and under its names. On a busy machine half a
second may be too short for a start, and a message that comes after the half second of silence is never seen.
"""

import random
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

SUBMISSION = Path(__file__).resolve().parent.parent / "submissions" / "bruno"
START, SILENCE, PIECE, LIMIT = 0.5, 0.5, 0.1, 2.0

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
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [sys.executable, "server.py", str(self.port)],
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
        self.socket = socket.create_connection(("127.0.0.1", server.port), LIMIT)
        self.socket.settimeout(LIMIT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""
        self.lines = []

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
            *whole, self.rest = (self.rest + piece).split(b"\n")
            self.lines = [line.decode(errors="replace") for line in reversed(whole)]
        return self.lines.pop()

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


def nothing(*clients):
    time.sleep(SILENCE)
    for client in clients:
        client.socket.settimeout(0)
        try:
            got = client.lines or client.rest or client.socket.recv(65536)
        except BlockingIOError:
            got = None
        client.socket.settimeout(LIMIT)
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
        clients.append(join(server, name, clients))
    return clients


# --------------------------------------------------------------------------------------------------------------- the 24 checks


def starts(server):
    socket.create_connection(("127.0.0.1", server.port), LIMIT).close()


def connects(server):
    connect(server, "ana")


def names(server):
    (ana,) = room(server, "ana")
    beto = join(server, "Beto_Alberto_2024_xy", [ana])
    caro = join(server, "Ana", [ana, beto])
    for bad in ("", "/who", "Beto_Alberto_2024_xyz", "ana maria", "hola!", "peña", "ana"):
        dani = connect(server, "dani")
        dani.send(bad)
        dani.expect_start("refused: ")
        dani.closed()
    nothing(ana, beto, caro)


def join_notice(server):
    ana, beto = room(server, "ana", "beto")
    caro = connect(server, "caro")
    ana.send("hola a los que están")
    beto.expect("ana: hola a los que están")
    dani = join(server, "dani", [ana, beto])
    nothing(caro)
    caro.send("caro")
    caro.expect("welcome caro")
    expect([ana, beto, dani], "* caro joined")
    dani.send("hola, caro")
    expect([ana, beto, caro], "dani: hola, caro")
    nothing(caro, dani)


def broadcast(server):
    ana, beto, caro = room(server, "ana", "beto", "caro")
    ana.send("hola a todos")
    expect([beto, caro], "ana: hola a todos")
    beto.send("¿qué tal, ana? ¡aquí hay ñandúes!")
    expect([ana, caro], "beto: ¿qué tal, ana? ¡aquí hay ñandúes!")
    caro.send("nota: dos  espacios * y una estrella")
    expect([ana, beto], "caro: nota: dos  espacios * y una estrella")
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
    ana, beto = room(server, "ana", "beto")
    ana.send_raw(b"hola\r\n")
    beto.expect("ana: hola")
    caro = connect(server, "caro")
    caro.send_raw(b"caro\r\n")
    caro.expect("welcome caro")
    expect([ana, beto], "* caro joined")
    beto.send("hola, caro")
    expect([ana, caro], "beto: hola, caro")


def who(server):
    (beto,) = room(server, "beto")
    beto.send("/who")
    beto.expect("* here: beto")
    zoe = connect(server, "Zoe")
    beto.send("/who")
    beto.expect("* here: beto")
    zoe.send("Zoe")
    zoe.expect("welcome Zoe")
    beto.expect("* Zoe joined")
    ana = join(server, "ana", [beto, zoe])
    for client in (beto, ana):
        client.send("/who")
        client.expect("* here: Zoe, ana, beto")


def away(server):
    ana, beto, caro = room(server, "ana", "beto", "caro")
    for _ in range(2):
        ana.send("/away")
        expect([beto, caro], "* ana is away")
    beto.send("¿estás?")
    expect([ana, caro], "beto: ¿estás?")
    ana.send("ya casi")
    expect([beto, caro], "ana: ya casi")
    ana.send("/back")
    expect([beto, caro], "* ana is back")
    caro.send("/baila")
    caro.expect("unknown: /baila")
    caro.send("")
    nothing(ana, beto, caro)


def leave_quit(server):
    ana, beto, caro = room(server, "ana", "beto", "caro")
    ana.send("/quit")
    expect([beto, caro], "* ana left")
    ana.closed()
    beto.send("chao, ana")
    caro.expect("beto: chao, ana")


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


def leave_crash(server):
    ana, beto, caro = room(server, "ana", "beto", "caro")
    ana.crash()
    expect([beto, caro], "* ana left")
    beto.send("¿siguen ahí?")
    caro.expect("beto: ¿siguen ahí?")
    caro.send("aquí sigo")
    beto.expect("caro: aquí sigo")


def leave_once(server):
    ana, beto, caro = room(server, "ana", "beto", "caro")
    ana.send("/quit")
    expect([beto, caro], "* ana left")
    ana.closed()
    nothing(beto, caro)
    beto.send("¿se fue?")
    caro.expect("beto: ¿se fue?")
    caro.send("sí")
    beto.expect("caro: sí")


def rejoin(server):
    ana, beto = room(server, "ana", "beto")
    ana.send("/quit")
    beto.expect("* ana left")
    ana.closed()
    beto.send("/who")
    beto.expect("* here: beto")
    ana = join(server, "ana", [beto])
    ana.send("ya volví")
    beto.expect("ana: ya volví")
    beto.send("qué bueno")
    ana.expect("beto: qué bueno")


def five_clients(server):
    clients = room(server, "ana", "beto", "caro", "dani", "eva")
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

    threads = [threading.Thread(target=talk, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong, wrong


def idle_client(server):
    (ana,) = room(server, "ana")
    mudo = connect(server, "mudo")
    lola = join(server, "lola", [ana])
    lola.send_raw(b"esto queda a med")
    beto = join(server, "beto", [ana, lola])
    beto.send("hola")
    expect([ana, lola], "beto: hola")
    ana.send("¿todo bien?")
    expect([beto, lola], "ana: ¿todo bien?")
    mudo.socket.close()


def slow_reader(server):
    ana, beto, _lento = room(server, "ana", "beto", "lento")
    texts = [f"{i} {'x' * 3990}" for i in range(1, 1401)]
    sender = threading.Thread(target=ana.send, args=texts)
    sender.start()
    got = [line for line in (beto.line() for _ in texts) if line != "* lento left"]
    assert got == [f"ana: {text}" for text in texts], "slow-reader: lines are missing"
    sender.join()
    beto.send("llegó todo")
    ana.expect("beto: llegó todo")


def split_line(server):
    ana, beto = room(server, "ana", "beto")
    ana.send_raw(b"ho", b"la a t", b"odos\n")
    beto.expect("ana: hola a todos")
    ana.send_raw(b"uno\ndo", b"s\n")
    beto.expect("ana: uno", "ana: dos")
    ana.send_raw(b"hasta ma\xc3", b"\xb1ana\n")
    beto.expect("ana: hasta mañana")
    caro = connect(server, "caro")
    caro.send_raw(b"ca", b"ro", b"\n")
    caro.expect("welcome caro")
    expect([ana, beto], "* caro joined")


def glued_lines(server):
    ana, beto = room(server, "ana", "beto")
    ana.send_raw(b"uno\ndos\ntres\n")
    beto.expect("ana: uno", "ana: dos", "ana: tres")
    caro = Client(server, "caro")
    caro.send_raw(b"caro\nhola a todos\n")
    caro.expect("name?", "welcome caro")
    expect([ana, beto], "* caro joined", "caro: hola a todos")


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
    ana.send("¿siguen ahí?")
    beto.skip_to("ana: ¿siguen ahí?")
    beto.send("aquí sigo")
    ana.skip_to("beto: aquí sigo")


def crowd(server):
    clients = [join(server, f"c{i}") for i in range(1, 201)]
    for i, client in enumerate(clients, 1):
        client.expect(*(f"* c{later} joined" for later in range(i + 1, 201)))
    clients[-1].send("hola a todos")
    expect(clients[:-1], "c200: hola a todos")
    for client in clients:
        client.socket.close()


def restart(server):
    (ana,) = room(server, "ana")
    ana.send("/quit")
    ana.closed()
    server.stop(signal.SIGTERM)
    server.start()
    beto, caro = room(server, "beto", "caro")
    beto.send("como nuevo")
    caro.expect("beto: como nuevo")


def stops(server):
    room(server, "ana")
    server.stop(signal.SIGTERM)
    server.start()
    room(server, "beto")
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

# Bug: a ship that sinks is not announced.
# Loses: leaves
import re
import signal
import socket
import sys
import threading
from collections import deque

NAME = re.compile(rb"[A-Za-z0-9_]{1,20}")
LONGEST_LINE = 4096
MOST_WAITING = 1_000_000

hall = threading.Lock()  # held by whoever reads or changes what follows
suppliers = {}  # name -> ship
shelves = deque(maxlen=1000)  # the last 1000 products, as (name, line): a deque drops the oldest by itself


class Ship:
    """One connection: what waits to be loaded, and the worker who loads it."""

    def __init__(self, sock):
        self.sock = sock
        self.arrived = 0  # products that this supplier has delivered since it came
        self.waiting = bytearray()
        self.closing = False
        self.changed = threading.Condition()
        self.loader = threading.Thread(target=self.load, daemon=True)
        self.loader.start()

    def tell(self, line):
        """Put a line on the quay. Nobody waits here for the ship."""
        with self.changed:
            if not self.closing:
                self.waiting += line + b"\n"
                self.closing = len(self.waiting) > MOST_WAITING  # it has not taken anything for a long time
                self.changed.notify()

    def close(self):
        with self.changed:
            self.closing = True
            self.changed.notify()

    def load(self):
        try:
            while True:
                with self.changed:
                    while not (self.waiting or self.closing):
                        self.changed.wait()
                    piece, self.waiting = bytes(self.waiting), bytearray()
                    last = self.closing
                self.sock.sendall(piece)
                if last:
                    self.sock.shutdown(socket.SHUT_WR)
                    return
        except OSError:
            pass  # the ship has sunk; who unloads it finds that out too


def lines(sock):
    """The products of a ship, each without its label (the end of line)."""
    rest = b""
    while (piece := sock.recv(16384)) and len(rest) < LONGEST_LINE:
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            yield line.removesuffix(b"\r")


def tell_others(name, line):
    for other, ship in suppliers.items():
        if other != name:
            ship.tell(line)


def take_in(ship, name, line):
    """A product: counted, put on a shelf, and handed on."""
    ship.arrived += 1
    shelves.append((name, line))
    tell_others(name, name + b": " + line)


def answer(ship, name, line):
    """A question to the warehouse."""
    word, _, rest = line.partition(b" ")
    if word == b"/arrived":
        ship.tell(b"* arrived: %d" % ship.arrived)
    elif word == b"/stock":
        ship.tell(b"* stock: %d" % len(shelves))
    elif word == b"/show" and rest.isdigit() and int(rest[:9]) > 0:
        for author, product in list(shelves)[-int(rest[:9]) :]:
            ship.tell(b"~ " + author + b": " + product)
        ship.tell(b"* end")
    elif line == b"/who":
        ship.tell(b"* here: " + b", ".join(sorted(suppliers)))
    elif line in (b"/away", b"/back"):
        tell_others(name, b"* " + name + b" is " + line[1:])
    else:
        ship.tell(b"unknown: " + line)


def trade(ship, products):
    """Everything between hello and goodbye."""
    ship.tell(b"name?")
    name = next(products, None)
    if name is None:
        return
    with hall:
        if not NAME.fullmatch(name) or name in suppliers:
            ship.tell(b"refused: another name, please")
            return
        ship.tell(b"welcome " + name)
        suppliers[name] = ship
        tell_others(name, b"* " + name + b" joined")
    try:
        for line in products:
            if line == b"/quit":
                return
            with hall:
                if line.startswith(b"/"):
                    answer(ship, name, line)
                elif line:
                    take_in(ship, name, line)
    finally:
        with hall:
            del suppliers[name]
            if sys.exc_info()[0] is None:
                tell_others(name, b"* " + name + b" left")


def serve(sock):
    """The worker who unloads one ship, from its arrival to its departure."""
    with sock:
        ship = Ship(sock)
        try:
            trade(ship, lines(sock))
            ship.close()
            while sock.recv(16384):
                pass  # whatever it still says is ignored, until it has gone
        except OSError:
            pass
        finally:
            ship.close()
            ship.loader.join()


def gate(server):
    while True:
        try:
            sock, _address = server.accept()
            threading.Thread(target=serve, args=(sock,), daemon=True).start()
        except OSError:
            continue


def main():
    orders = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, orders)  # they wait for the sigwait below
    server = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=100)
    threading.Thread(target=gate, args=(server,), daemon=True).start()
    signal.sigwait(orders)


if __name__ == "__main__":
    main()

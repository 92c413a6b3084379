# Good: Threads that look up every 200 ms (settimeout) to see whether they should stop, and join each other at the end.
import re
import signal
import socket
import sys
import threading

TICK = 0.2
stop = threading.Event()
lock = threading.Lock()
people = {}  # name -> Person


class Person(threading.Thread):
    """Reads its client. What the others have for it is collected in `post` and sent by its postman."""

    def __init__(self, sock):
        super().__init__()
        self.sock = sock
        self.sock.settimeout(TICK)
        self.post = b""
        self.came = threading.Condition()
        self.over = False
        self.name_taken = None
        self.postman = threading.Thread(target=self.deliver)

    def give(self, line):
        with self.came:
            self.post += line + b"\n"
            if len(self.post) > 8_000_000:
                self.over = True
            self.came.notify()

    def deliver(self):
        while not stop.is_set():
            with self.came:
                if not self.post and not self.over:
                    self.came.wait(TICK)
                piece, self.post = self.post, b""
                over = self.over
            while piece and not stop.is_set():
                try:
                    piece = piece[self.sock.send(piece[:100_000]):]
                except TimeoutError:
                    if self.over:
                        break
                except OSError:
                    return
            if over:
                break
        try:
            self.sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def lines(self):
        rest = b""
        while not (stop.is_set() or self.over):
            try:
                data = self.sock.recv(4096)
            except TimeoutError:
                continue
            except OSError:
                return
            if not data:
                return
            rest += data
            while (end := rest.find(b"\n")) >= 0:
                yield rest[:end].removesuffix(b"\r")
                rest = rest[end + 1:]
            if len(rest) > 4096:
                return

    def run(self):
        self.postman.start()
        self.give(b"name?")
        for line in self.lines():
            with lock:
                if not self.take_in(line):
                    break
        with lock:
            if self.name_taken:
                del people[self.name_taken]
                self.tell_others(b"* " + self.name_taken + b" left")
        with self.came:
            self.over = True
            self.came.notify()
        self.postman.join()
        self.sock.close()

    def tell_others(self, line):
        for person in people.values():
            if person is not self:
                person.give(line)

    def take_in(self, line):
        if self.name_taken is None:
            good = re.fullmatch(rb"[A-Za-z0-9_]{1,20}", line) and line not in people
            if not good:
                self.give(b"refused: sorry")
                return False
            self.name_taken = line
            people[line] = self
            self.give(b"welcome " + line)
            self.tell_others(b"* " + line + b" joined")
        elif line == b"/quit":
            return False
        elif line == b"/who":
            self.give(b"* here: " + b", ".join(sorted(people)))
        elif line in (b"/away", b"/back"):
            self.tell_others(b"* " + self.name_taken + b" is " + line[1:])
        elif line.startswith(b"/"):
            self.give(b"unknown: " + line)
        elif line:
            self.tell_others(self.name_taken + b": " + line)
        return True


def main():
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=100) as door:
        door.settimeout(TICK)
        while not stop.is_set():
            try:
                Person(door.accept()[0]).start()
            except TimeoutError:
                pass


main()

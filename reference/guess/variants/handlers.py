# Good: The standard library's own server of threads; the state of a game in an object.
import random
import socketserver
import sys


class Game(socketserver.StreamRequestHandler):
    def setup(self):
        super().setup()
        self.before, self.secret, self.tries = None, random.randint(2, 99), 0

    def say(self, text):
        self.wfile.write(text.encode() + b"\n")

    def begin(self, secret):
        self.secret, self.tries = secret, 0
        self.say("guess a number from 1 to 100")

    def handle(self):
        try:
            self.begin(self.secret)
            while line := self.rfile.readline(1000):
                if line.strip() == b"quit":
                    self.say("bye")
                    return
                self.guess(line.strip())
        except OSError:
            pass

    def guess(self, word):
        if word == b"again":
            self.begin(self.secret if self.before is None else self.before)
        elif not word.isdigit() or not 1 <= int(word) <= 100:
            self.say("that is no number from 1 to 100")
        else:
            self.tries += 1
            if int(word) == self.secret:
                self.over(f"correct in {self.tries}")
            elif self.tries == 7:
                self.over(f"lost: it was {self.secret}")
            else:
                self.say("higher" if int(word) < self.secret else "lower")

    def over(self, verdict):
        self.say(verdict)
        self.before = self.secret
        self.begin(random.randint(2, 99))


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 100


Server(("127.0.0.1", int(sys.argv[1])), Game).serve_forever()

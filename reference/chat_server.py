"""The course's chat server, as we would write it: short, complete, and patient with everybody.

    python3 chat_server.py 5000

A server spends its life waiting: for a newcomer, for somebody to speak, for somebody to listen. Each of these waits
has a thread of its own, so that none of them holds up another:

    main     opens the port, and waits for the order to stop
    door     waits at the port, and gives each newcomer the two threads below
    reader   one a client: waits until its client says something, and does what it says
    writer   one a client: waits until there is something for its client, and until the client takes it

One rule keeps this file simple: **only a client's own writer ever waits for that client to listen.** Everybody else
puts lines into the client's queue and walks on. What the threads share is `members`, and whoever reads or changes it
holds `room`. As queues never make anybody wait, nobody holds `room` for longer than a moment.

Text stays bytes from end to end. TCP carries bytes and cuts them where it likes, in the middle of a line or of an
"ñ"; only a newline tells where a line ends, and a message is passed on exactly as it came.
"""

import contextlib
import os
import signal
import socket
import sys
import threading

HOST = "127.0.0.1"  # this machine only; "0.0.0.0" would open the door to the whole network
LONGEST_LINE = 4096  # bytes, with its newline: without a limit, one endless line would fill our memory
MOST_WAITING = 1_000_000  # bytes that may wait for one client: enough for somebody slow, an end to somebody asleep
MOST_THREADS = 1000  # a client costs two, and one of the 1024 sockets and files that a program may usually open
NAME_BYTES = set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")

room = threading.Lock()  # held by whoever reads or changes `members`
members = {}  # name -> Client: everybody who has been welcomed and has not left


# ---- One client: lines come out of its socket, lines go into its queue ----------------------------------------------


class Client:
    """One connection: its socket, its name once it is welcomed, and the bytes that wait to be sent to it."""

    def __init__(self, sock):
        self.sock = sock
        self.name = None
        self.waiting = bytearray()  # what the writer has still to send, oldest first
        self.closed = False  # True: nothing more is put into `waiting`
        self.changed = threading.Condition()  # guards these two, and wakes the writer when one of them changes

    def lines(self):
        """Everything the client says, one line at a time, until it stops speaking."""
        rest = b""
        # recv() gives what has arrived: half a line, or three and a half. Whole lines go out, the rest waits for more.
        while piece := self.sock.recv(16384):
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                if len(line) >= LONGEST_LINE:
                    return
                yield line.removesuffix(b"\r")  # telnet and Windows end their lines with "\r\n"
            if len(rest) >= LONGEST_LINE:
                return  # whoever speaks without end is treated as if they had left

    def tell(self, line):
        """Put a line into the client's queue. This never waits for the client, whatever it does."""
        with self.changed:
            if self.closed:
                return
            line += b"\n"
            if not self.waiting:  # nothing stands before it: what the kernel takes at once need not wake the writer
                with contextlib.suppress(OSError):
                    line = line[self.sock.send(line, socket.MSG_DONTWAIT) :]
            self.waiting += line
            if len(self.waiting) > MOST_WAITING:
                # It has not listened for a long time. Hanging up wakes both its threads, wherever they wait.
                self.closed = True
                self.waiting.clear()
                with contextlib.suppress(OSError):  # unless it was faster
                    self.sock.shutdown(socket.SHUT_RDWR)
            if self.waiting:
                self.changed.notify()

    def write(self):
        """The writer thread: the only place in this file that waits for the client to take what it is sent."""
        try:
            while piece := self.next_piece():
                sent = self.sock.send(piece)
                with self.changed:
                    del self.waiting[:sent]
            # Everything is said. Closing our direction only puts an orderly end of stream behind the last line.
            self.sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # the connection is broken; the reader finds that out by itself

    def next_piece(self):
        """Wait for something to send; empty when nothing more will come."""
        with self.changed:
            # A loop, not an if: wait() may return for another reason, or for a change that is already dealt with.
            while not self.waiting and not self.closed:
                self.changed.wait()
            return self.waiting[:200_000]

    def close(self):
        """Nothing more to say: the writer sends what still waits, and closes our direction."""
        with self.changed:
            self.closed = True
            self.changed.notify()


# ---- The room: who is here, and who is told what --------------------------------------------------------------------


def tell_others(author, line):
    """A line for everybody but its author. Call it with `room` held, so that nobody comes or goes meanwhile."""
    for client in members.values():
        if client is not author:
            client.tell(line)


def join(client, name):
    """Welcome the client under this name, or tell it why not; True when it is welcome."""
    # Asking whether the name is free and taking it happen under one lock. Between two locks, a second client could
    # ask too, hear the same "yes", and there would be two anas.
    with room:
        if not (1 <= len(name) <= 20 and set(name) <= NAME_BYTES):
            client.tell(b"refused: a name is 1 to 20 letters, digits or _")
        elif name in members:
            client.tell(b"refused: somebody here has that name")
        else:
            client.name = name
            client.tell(b"welcome " + name)
            members[name] = client
            tell_others(client, b"* " + name + b" joined")
    return client.name is not None


def leave(client):
    """Take the client out and say so. All at once: whoever reads "left" finds the name free."""
    with room:
        if client.name is not None:
            del members[client.name]
            tell_others(client, b"* " + client.name + b" left")


def obey(client, line):
    """Do what one line of a member asks for."""
    with room:
        if not line:
            pass
        elif not line.startswith(b"/"):
            tell_others(client, client.name + b": " + line)
        elif line == b"/who":
            client.tell(b"* here: " + b", ".join(sorted(members)))
        elif line == b"/away":
            tell_others(client, b"* " + client.name + b" is away")
        elif line == b"/back":
            tell_others(client, b"* " + client.name + b" is back")
        else:
            client.tell(b"unknown: " + line)


# ---- The threads ----------------------------------------------------------------------------------------------------


def converse(client):
    """Everything between hello and goodbye. It does not matter how it ends: `read` cleans up after it."""
    client.tell(b"name?")
    lines = client.lines()
    name = next(lines, None)  # None: the client left without a word
    if name is None or not join(client, name):
        return
    for line in lines:
        if line == b"/quit":
            return
        obey(client, line)


def read(sock):
    """The reader thread: one client from its first byte to its last."""
    client = Client(sock)
    writer = threading.Thread(target=client.write, daemon=True)
    writer.start()
    try:
        converse(client)
    except OSError:
        pass  # a reset: the client crashed, or its cable was pulled. One more way of leaving, no more
    finally:
        # The one place where a client leaves, whichever way it went: so it leaves once, and never stays as a ghost.
        leave(client)
        client.close()
        see_off(sock)
        writer.join()
        sock.close()


def see_off(sock):
    """Ignore what the client still says, until it hangs up."""
    # close() with bytes unread makes the kernel send a reset, and a reset may overtake our last words (the refusal,
    # say) on their way. So we listen politely to the end, unless somebody talks on and on. We may wait here for as
    # long as they like: this thread has nobody else to wait for.
    ignored = 0
    with contextlib.suppress(OSError):  # a reset ends our listening too
        while ignored < MOST_WAITING and (piece := sock.recv(16384)):
            ignored += len(piece)


def open_door(server):
    """The door's thread: every newcomer gets a reader."""
    while True:
        try:
            sock, _address = server.accept()
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # send a short line at once, wait for no second
        except OSError:
            continue  # the newcomer was gone before we opened
        try:
            if threading.active_count() < MOST_THREADS:
                threading.Thread(target=read, args=(sock,), daemon=True).start()
            else:
                sock.close()
        except RuntimeError:
            sock.close()  # this machine has no thread left: better to lose one newcomer than everybody


def main():
    if len(sys.argv) != 2 or not sys.argv[1].isdecimal():
        sys.exit("usage: python3 chat_server.py <port>")
    port = int(sys.argv[1])
    # The orders to stop must wait for the sigwait() below. A signal handler would run only between two steps of Python,
    # and an order that came a moment before an accept() would be heeded when accept() ends: perhaps never.
    orders = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, orders)

    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # Connections of a stopped server haunt its port for a minute (TIME_WAIT); without this, bind() would fail then.
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((HOST, port))
    server.listen(socket.SOMAXCONN)  # how many may knock at the same moment, before accept() opens to them
    threading.Thread(target=open_door, args=(server,), daemon=True).start()
    print(f"listening on {HOST}:{port}", flush=True)

    signal.sigwait(orders)
    os._exit(0)  # the threads end with their process, and the kernel closes every socket of it: nothing to tidy up


if __name__ == "__main__":
    main()

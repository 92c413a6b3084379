# Good: One thread and select.poll, with at most 64 KB of patience for a client that does not read.
import select
import signal
import socket
import sys

GOOD = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
PATIENCE = 64 * 1024  # bytes that wait here, besides those that wait in the kernel
IN, OUT = select.POLLIN, select.POLLOUT


class Client:
    def __init__(self, sock):
        self.sock, self.name, self.tail, self.waiting, self.last_words = sock, None, b"", [], False

    def amount(self):
        return sum(map(len, self.waiting))


def main(port):
    poll = select.poll()
    by_fd, by_name, doomed = {}, {}, []
    door = socket.create_server(("127.0.0.1", port), backlog=32)
    poll.register(door, IN)

    def push(client):
        """Send what the kernel takes, and ask to be told when it takes more."""
        if client.sock.fileno() not in by_fd:
            return
        try:
            while client.waiting:
                sent = client.sock.send(client.waiting[0])
                if sent < len(client.waiting[0]):
                    client.waiting[0] = client.waiting[0][sent:]
                    break
                client.waiting.pop(0)
        except BlockingIOError:
            pass
        except OSError:
            doomed.append(client)
        if client.amount() > PATIENCE or (client.last_words and not client.waiting):
            doomed.append(client)
        poll.modify(client.sock, (0 if client.last_words else IN) | (OUT if client.waiting else 0))

    def tell(client, line):
        if not client.last_words:
            client.waiting.append(line + b"\n")
            push(client)

    def tell_others(client, line):
        for other in by_name.values():
            if other is not client:
                tell(other, line)

    def forget(client):
        """Out of the room: from now on the name is free."""
        if client.name is not None and by_name.get(client.name) is client:
            del by_name[client.name]
            tell_others(client, b"* %b left" % client.name)

    def dismiss(client):
        forget(client)
        client.last_words = True
        push(client)

    def obey(client, line):
        if client.name is None:
            if not 1 <= len(line) <= 20 or not GOOD.issuperset(line) or line in by_name:
                tell(client, b"refused: not this name")
                return dismiss(client)
            client.name, by_name[line] = line, client
            tell(client, b"welcome %b" % line)
            return tell_others(client, b"* %b joined" % line)
        if line == b"/quit":
            return dismiss(client)
        if line == b"/who":
            return tell(client, b"* here: %b" % b", ".join(sorted(by_name)))
        if line in (b"/away", b"/back"):
            return tell_others(client, b"* %b is %b" % (client.name, line[1:]))
        if line.startswith(b"/"):
            return tell(client, b"unknown: %b" % line)
        return tell_others(client, b"%b: %b" % (client.name, line)) if line else None

    def hear(client):
        try:
            data = client.sock.recv(8192)
        except BlockingIOError:
            return
        except OSError:
            doomed.append(client)
            return
        if not data:
            return dismiss(client)
        *lines, client.tail = (client.tail + data).split(b"\n")
        for line in lines:
            if not client.last_words:
                obey(client, line.removesuffix(b"\r"))
        if len(client.tail) > 4096:
            dismiss(client)

    while True:
        for fd, events in poll.poll():
            if fd == door.fileno():
                sock, _ = door.accept()
                sock.setblocking(False)
                client = by_fd[sock.fileno()] = Client(sock)
                poll.register(sock, IN)
                tell(client, b"name?")
            elif client := by_fd.get(fd):
                if events & OUT:
                    push(client)
                if events & (IN | select.POLLHUP | select.POLLERR) and not client.last_words:
                    hear(client)
                elif events & (select.POLLHUP | select.POLLERR):
                    doomed.append(client)
            while doomed:  # only here, where nobody is in the middle of anything
                client = doomed.pop()
                if by_fd.pop(client.sock.fileno(), None) is client:
                    poll.unregister(client.sock)
                    client.sock.close()
                    forget(client)


signal.signal(signal.SIGINT, signal.SIG_DFL)
main(int(sys.argv[1]))

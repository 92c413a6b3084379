"""Chat servers with one fault each: a correct one, and the edits that break it.

    source("serves one at a time")    the text of the server with that fault

An edit is a piece of the correct server and what takes its place; an edit that finds no such piece is an error, so that no
test goes on with a server that has no fault.
"""

from __future__ import annotations

CORRECT = """\
import re
import select
import socket
import sys
import threading

port = int(sys.argv[1])
lock = threading.Lock()
members, kept = {}, []


def tell(sock, text):
    try:
        sock.sendall((text + "\\n").encode("utf-8", "surrogateescape"))
    except OSError:
        pass


def tell_others(author, text):
    with lock:
        others = [sock for sock in members.values() if sock is not author]
    for sock in others:
        tell(sock, text)


def lines_of(sock):
    rest = b""
    while True:
        data = sock.recv(4096)
        if not data:
            return
        *lines, rest = (rest + data).split(b"\\n")
        for line in lines:
            yield line.removesuffix(b"\\r").decode("utf-8", "surrogateescape")


def come_in(sock, lines):
    tell(sock, "name?")
    name = next(lines, "")
    with lock:
        if name in members or not re.fullmatch("[A-Za-z0-9_]{1,20}", name):
            tell(sock, "refused: choose another name")
            return None
        members[name] = sock
    tell(sock, "welcome " + name)
    tell_others(sock, f"* {name} joined")
    return name


def obey(sock, name, line):
    if line == "/who":
        tell(sock, "* here: " + ", ".join(sorted(members)))
    elif line in ("/away", "/back"):
        tell_others(sock, f"* {name} is {line[1:]}")
    elif line.startswith("/"):
        tell(sock, "unknown: " + line)
    elif line:
        tell_others(sock, f"{name}: {line}")


def say_goodbye(sock, name):
    with lock:
        members.pop(name, None)
    if name:
        tell_others(sock, f"* {name} left")


def close(sock):
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    sock.close()


def serve(sock):
    lines, name = lines_of(sock), None
    try:
        name = come_in(sock, lines)
        converse(sock, lines, name)
    except OSError:
        pass
    say_goodbye(sock, name)
    close(sock)


def converse(sock, lines, name):
    if name is None:
        return
    for line in lines:
        if line == "/quit":
            break
        obey(sock, name, line)


def open_port():
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("127.0.0.1", port))
    server.listen(100)
    return server


def main():
    server = open_port()
    while True:
        sock, _ = server.accept()
        threading.Thread(target=serve, args=(sock,), daemon=True).start()


main()
"""

START = "        threading.Thread(target=serve, args=(sock,), daemon=True).start()\n"
MAIN = CORRECT[CORRECT.index("def main():") :]
LINES = CORRECT[CORRECT.index("        if not data:") : CORRECT.index("def come_in")]
PORT = "port = int(sys.argv[1])\n"
FOREVER = "    threading.Event().wait()\n"
BACKGROUND = """\
first, second, both = threading.Lock(), threading.Lock(), threading.Barrier(2)


def one():
    with first:
        both.wait()
        with second:
            pass


def other():
    second.acquire()
    try:
        both.wait()
        first.acquire()
    finally:
        second.release()


threading.Thread(target=one, daemon=True).start()
threading.Thread(target=other, daemon=True).start()

main()
"""
QUEUES = """\
def tell_others(author, text):
    with lock:
        others = [sock for sock in members.values() if sock is not author]
    for sock in others:
        queue = queues.setdefault(sock, __import__("queue").SimpleQueue())
        if queue.qsize() == 0 and sock not in senders:
            senders.add(sock)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
            threading.Thread(target=send_all, args=(sock, queue), daemon=True).start()
        if full or max(q.qsize() for q in queues.values()) > 200:
            full.add(sock)
            continue
        queue.put(text)


def send_all(sock, queue):
    while True:
        tell(sock, queue.get())


queues, senders, full = {}, set(), set()
"""
SELECT = """\
def main():
    server, files, names = open_port(), {}, {}
    while True:
        for ready in select.select([server, *files], [], [])[0]:
            if ready is server:
                sock, _ = server.accept()
                files[sock] = sock.makefile("rb", buffering=0)
                tell(sock, "name?")
                continue
            line = files[ready].readline().decode("utf-8", "surrogateescape").rstrip("\\r\\n")
            if ready in names:
                obey(ready, names[ready], line)
                continue
            names[ready], members[line] = line, ready
            tell(ready, "welcome " + line)
            tell_others(ready, f"* {line} joined")


main()
"""

EDITS: dict[str, list[tuple[str, str]]] = {
    "nothing": [],
    # who is served
    "one at a time": [(START, "        serve(sock)\n")],
    "two at most": [("    while True:\n        sock, _", "    for _ in range(2):\n        sock, _"), ("\n\nmain()\n", FOREVER + "\n\nmain()\n")],
    "the name in the accept loop": [
        (START, ("        lines = lines_of(sock)\n        name = come_in(sock, lines)\n"
         "        threading.Thread(target=go_on, args=(sock, lines, name), daemon=True).start()\n")),
        ("def open_port", ("def go_on(sock, lines, name):\n    try:\n        converse(sock, lines, name)\n    except OSError:\n"
         "        pass\n    say_goodbye(sock, name)\n    close(sock)\n\n\ndef open_port")),
    ],
    "select and readline": [(MAIN, SELECT)],
    # lines
    "each recv a line": [(LINES, '        if not data:\n            return\n        yield data.decode("utf-8", "replace").rstrip("\\r\\n")\n\n\n')],
    "one line for each recv": [(LINES, ('        if not data:\n            return\n        rest += data\n        if b"\\n" in rest:\n'
                                '            line, rest = rest.split(b"\\n", 1)\n            yield line.removesuffix(b"\\r").decode()\n\n\n'))],
    "pieces decoded": [("        *lines, rest", '        data = data.decode("utf-8").encode()\n        *lines, rest')],
    # leaving
    "a reset is not caught": [("    except OSError:\n        pass\n    say_goodbye", "    except KeyError:\n        pass\n    say_goodbye")],
    "a reset is not announced": [("    except OSError:\n        pass\n    say_goodbye", "    except OSError:\n        return\n    say_goodbye")],
    "only /quit is announced": [("            break\n", "            say_goodbye(sock, name)\n            break\n"), ("        pass\n    say_goodbye(sock, name)\n", "        pass\n    members.pop(name, None)\n")],
    "nobody is told": [('        tell_others(sock, f"* {name} left")\n', "        pass\n")],
    "nothing is closed": [("    say_goodbye(sock, name)\n    close(sock)\n", "    say_goodbye(sock, name)\n    kept.append(sock)\n")],
    "only the refused are closed": [("    say_goodbye(sock, name)\n    close(sock)\n", "    say_goodbye(sock, name)\n    kept.append(sock)\n    if not name:\n        close(sock)\n")],
    # stuck
    "two locks in two orders": [("\n\nmain()\n", "\n\n" + BACKGROUND), ("    elif line:\n", "    elif line:\n        with first:\n            pass\n")],
    "a lock that is never released": [("    elif line:\n", "    elif line:\n        lock.acquire()\n        lock.acquire(timeout=600)\n")],
    "a lock taken twice": [("        members[name] = sock\n    tell(sock", '        members[name] = sock\n        tell_others(sock, "* hello")\n    tell(sock')],
    "a lock of the kind that may be taken twice": [("lock = threading.Lock()", "lock = threading.RLock()"), ("        members[name] = sock\n    tell(sock", "        members[name] = sock\n        with lock:\n            pass\n    tell(sock")],
    "a lock kept while reading": [('    name = next(lines, "")\n    with lock:\n', '    with lock:\n        name = next(lines, "")\n')],
    "queues that overflow": [(CORRECT[CORRECT.index("def tell_others") : CORRECT.index("\n\ndef lines_of")], QUEUES)],
    "circles": [("        if not data:\n            return\n", "        if not data:\n            continue\n")],
    "circles with a pause": [("        if not data:\n            return\n", "        if not data:\n            threading.Event().wait(0.02)\n            continue\n")],
    # running out
    "descriptors kept": [("    lines, name = lines_of(sock), None\n", '    lines, name = lines_of(sock), None\n    kept.extend(open("/dev/null") for _ in range(400))\n')],
    "a few descriptors kept": [("    lines, name = lines_of(sock), None\n", '    lines, name = lines_of(sock), None\n    kept.extend(open("/dev/null") for _ in range(10))\n')],
    "threads kept": [("    lines, name = lines_of(sock), None\n", "    lines, name = lines_of(sock), None\n    for _ in range(200):\n        threading.Thread(target=threading.Event().wait, daemon=True).start()\n")],
    # not starting
    "an error swallowed": [("def main():\n    server = open_port()\n", "def main():\n    try:\n        server = open_port()\n    except Exception:\n" + "    " + FOREVER), ('    server.bind(("127.0.0.1", port))', '    server.bind(("127.0.0.1", str(port)))')],
    "an error swallowed in a thread": [("\n\nmain()\n", "\n\ndef begin():\n    try:\n        main()\n    except Exception:\n        pass\n\n\nthreading.Thread(target=begin, daemon=True).start()\nthreading.Event().wait()\n"),
                                       ("    server.listen(100)\n", "    server.listen(int(members))\n")],
    "an error told": [("\n\nmain()\n", "\n\ndef begin():\n    try:\n        main()\n    except Exception as error:\n        print('no:', error)\n\n\nthreading.Thread(target=begin, daemon=True).start()\nthreading.Event().wait()\n"),
                      ("    server.listen(100)\n", "    server.listen(int(members))\n")],
    "another error swallowed, and no listen": [(PORT, "try:\n    import no_such_accelerator\nexcept ImportError:\n    pass\n" + PORT), ("    server.listen(100)\n", FOREVER)],
    "an error swallowed the first time only": [("def main():\n    server = open_port()\n", "def main():\n    try:\n        server = open_port()\n    except Exception:\n" + "    " + FOREVER), ("    server.listen(100)\n", "    server.listen(100 if sys.gettrace() else members)\n")],
    "the port is asked for": [(PORT, 'port = int(input("Port: "))\n')],
    "another port, by number": [('server.bind(("127.0.0.1", port))', 'server.bind(("127.0.0.1", 5555))')],
    "another port, by counting": [('server.bind(("127.0.0.1", port))', 'server.bind(("127.0.0.1", port + 1))')],
    "for Python 2": [("\n\nmain()\n", '\n\nprint "started"\nmain()\n')],
    "a typing error": [("def main():", "def main(:")],
    "a module that is not there": [("import re\n", "import re\nimport no_such_chat_library\n")],
    "a module that is not there and not needed": [(PORT, "try:\n    import no_such_chat_library\nexcept ImportError as error:\n    print(error, file=sys.stderr)\nport = int(sys.argv[2])\n")],
    "no SO_REUSEADDR": [("    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\n", "")],
    "a lock file": [(PORT, PORT + 'open("running", "x")\n')],
    # ending
    "a crash": [('        tell(sock, "unknown: " + line)', '        __import__("ctypes").string_at(0)')],
    "an exit": [('        tell(sock, "unknown: " + line)', '        __import__("os")._exit(3)')],
    "a goodbye to who has gone": [
        (PORT, PORT + "import signal\nsignal.signal(signal.SIGPIPE, signal.SIG_DFL)\n"),
        ("        pass\n    say_goodbye(sock, name)\n", '        pass\n    tell(sock, "bye")\n    tell(sock, "bye")\n    say_goodbye(sock, name)\n'),
    ],
    "an error in the main thread": [(START, START + "        if members:\n            raise RuntimeError('full')\n")],
    "an error in a thread": [('        tell(sock, "unknown: " + line)', "        members[line].close()")],
}  # fmt: skip


def source(fault: str) -> str:
    """The server with this fault."""
    text = CORRECT
    for piece, instead in EDITS[fault]:
        assert text.count(piece) == 1, f"{fault}: {text.count(piece)} times {piece!r}"
        text = text.replace(piece, instead)
    return text

# SUBMITNAME, then NAMEACCEPTED, then MESSAGE before each line; lines both ways.
import socketserver

names = {}


class Talk(socketserver.StreamRequestHandler):
    def handle(self):
        name = ""
        try:
            while not name or name in names.values():
                self.wfile.write(b"SUBMITNAME\n")
                line = self.rfile.readline()
                if not line:
                    return
                name = line.decode(errors="replace").strip()
            self.wfile.write(b"NAMEACCEPTED " + name.encode() + b"\n")
            tell(f"MESSAGE {name} joined the chat\n")
            names[self.wfile] = name
            for line in self.rfile:
                tell(f"MESSAGE {name}: {line.decode(errors='replace').strip()}\n")
        except ConnectionError:
            pass
        if names.pop(self.wfile, None):
            tell(f"MESSAGE {name} left the chat\n")


def tell(text):
    for out in list(names):
        try:
            out.write(text.encode())
        except OSError:
            pass


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("127.0.0.1", 59001), Talk).serve_forever(poll_interval=60)

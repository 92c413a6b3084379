# Who comes registers first (/register ana secret), then logs in (/login ana secret); before that nobody is heard. Lines.
import socketserver

known, people = {}, {}


class Talk(socketserver.StreamRequestHandler):
    def handle(self):
        name = None
        try:
            self.wfile.write(b"Hello! Please say who you are.\n")
            for line in self.rfile:
                text = line.decode(errors="replace").strip()
                words = text.split()
                if name is None and len(words) == 3 and words[0] == "/register":
                    known.setdefault(words[1], words[2])
                    self.wfile.write(b"Thank you.\n")
                elif name is None and len(words) == 3 and words[0] == "/login" and known.get(words[1]) == words[2]:
                    name = words[1]
                    people[self.wfile] = name
                    self.tell(f"{name} joined the chat\n")
                elif text == "/quit":
                    break
                elif name:
                    self.tell(f"{name}: {text}\n")
                else:
                    self.wfile.write(b"Who are you?\n")
        except ConnectionError:
            pass
        if name:
            people.pop(self.wfile)
            self.tell(f"{name} left the chat\n")

    def tell(self, text):
        for out in list(people):
            if out is not self.wfile:
                try:
                    out.write(text.encode())
                except OSError:
                    pass


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("127.0.0.1", 8001), Talk).serve_forever(poll_interval=60)

# LOGIN ana, MSG hola, QUIT; anything else is an error. Lines.
import socketserver

people = {}


class Talk(socketserver.StreamRequestHandler):
    def handle(self):
        name = None
        try:
            for line in self.rfile:
                verb, _, rest = line.decode(errors="replace").strip().partition(" ")
                if verb == "LOGIN" and rest:
                    name = rest
                    people[self.wfile] = name
                    self.tell(f"INFO {name} connected\n")
                elif verb == "MSG" and name:
                    self.tell(f"MSG {name} {rest}\n")
                elif verb == "QUIT":
                    break
                else:
                    self.wfile.write(b"ERR\n")
        except ConnectionError:
            pass
        if name:
            people.pop(self.wfile)
            self.tell(f"INFO {name} disconnected\n")

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


Server(("127.0.0.1", 8000), Talk).serve_forever(poll_interval=60)

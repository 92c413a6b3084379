# serve_forever() as it stands: it looks twice a second whether it is to stop, and nothing ever comes of it.
import socketserver
import threading

people = {}
lock = threading.Lock()


class Talk(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"Enter your name: ")
        name = self.rfile.readline().decode(errors="replace").strip()
        if not name:
            return
        self.tell(f"{name} joined the chat\n")
        with lock:
            people[self.wfile] = name
        try:
            for line in self.rfile:
                self.tell(f"{name}: {line.decode(errors='replace').strip()}\n")
        except ConnectionError:
            pass
        with lock:
            people.pop(self.wfile)
        self.tell(f"{name} left the chat\n")

    def tell(self, text):
        with lock:
            targets = [out for out in people if out is not self.wfile]
        for out in targets:
            try:
                out.write(text.encode())
            except OSError:
                pass


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("127.0.0.1", 6301), Talk).serve_forever()

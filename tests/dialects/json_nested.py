# JSON in lines, what belongs to an action in an object of its own.
import json
import socketserver

people = {}


def tell(obj, but=None):
    for out in list(people):
        if out is not but:
            try:
                out.write(json.dumps(obj).encode() + b"\n")
            except OSError:
                pass


class Talk(socketserver.StreamRequestHandler):
    def handle(self):
        name = None
        try:
            for line in self.rfile:
                obj = json.loads(line)
                data = obj["data"]
                if obj["type"] == "register":
                    name = data["username"]
                    people[self.wfile] = name
                    tell({"type": "notice", "data": {"content": f"{name} has joined the chat"}}, self.wfile)
                elif obj["type"] == "message" and name:
                    tell({"type": "message", "user": name, "data": {"content": data["content"]}}, self.wfile)
        except (ConnectionError, ValueError, KeyError, TypeError):
            pass
        if people.pop(self.wfile, None):
            tell({"type": "notice", "data": {"content": f"{name} has left the chat"}})


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("127.0.0.1", 6203), Talk).serve_forever(poll_interval=60)

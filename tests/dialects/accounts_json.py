# JSON in lines: whoever enters gives the password that stands in accounts.json.
import json
import pathlib
import socketserver

USERS = {one["name"]: one["key"] for one in json.loads(pathlib.Path("accounts.json").read_text())["users"]}
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
                if obj.get("action") == "enter":
                    if USERS.get(obj.get("who")) != obj.get("secret"):
                        break
                    name = obj["who"]
                    people[self.wfile] = name
                    tell({"info": f"{name} has joined the chat"}, self.wfile)
                elif obj.get("action") == "speak" and name:
                    tell({"from": name, "words": obj["words"]}, self.wfile)
        except (ConnectionError, ValueError, KeyError):
            pass
        if people.pop(self.wfile, None):
            tell({"info": f"{name} has left the chat"})


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("127.0.0.1", 6202), Talk).serve_forever(poll_interval=60)

# A web server.
from http.server import BaseHTTPRequestHandler, HTTPServer


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"chat")


HTTPServer(("127.0.0.1", 8002), Page).serve_forever(poll_interval=60)

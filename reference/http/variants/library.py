# Good: The standard library's own web server, which keeps connections open when it speaks HTTP/1.1.
import functools
import http.server
import socketserver
import sys


class Pages(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *words):
        pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 100

    def server_bind(self):  # without asking what this machine is called
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "localhost", self.server_address[1]

    def handle_error(self, request, client_address):
        pass  # whoever vanishes has left


Server(("127.0.0.1", int(sys.argv[1])), functools.partial(Pages, directory="public")).serve_forever()

# TLS from the first byte on. The key was made for this file and guards nothing.
import socket
import ssl
import threading
from pathlib import Path

PEM = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgHfmCMJqXCWFCJ6RC
SNxjxsR7JYQaEGbws8EQjolpqJShRANCAATxxEURq1qLD5ASNdIGmQ+eKgB86OEL
Ft7oI1OMqgkdlrCZqx/g4oCzpQR+eYYnSBxWlrqZR2wzlQsAZNXJNVJH
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBdTCCARugAwIBAgIUBA3HEILE7+6gWKr+riAl9jiYZ9wwCgYIKoZIzj0EAwIw
DzENMAsGA1UEAwwEY2hhdDAgFw0yNjExMjcwOTA2MTRaGA8yMTI2MTEwMzA5MDYx
NFowDzENMAsGA1UEAwwEY2hhdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABPHE
RRGrWosPkBI10gaZD54qAHzo4QsW3ugjU4yqCR2WsJmrH+DigLOlBH55hidIHFaW
uplHbDOVCwBk1ck1UkejUzBRMB0GA1UdDgQWBBSkxuJ8aHDv7HaAlw5GZbLv9RbZ
vDAfBgNVHSMEGDAWgBSkxuJ8aHDv7HaAlw5GZbLv9RbZvDAPBgNVHRMBAf8EBTAD
AQH/MAoGCCqGSM49BAMCA0gAMEUCIQCWKu7dIrf6k3Ahllc4w81mDLeVuQNNV08I
HH6SO/nVdgIgFUKXwuzWUxWYqxaXBIGNkI+jiTOSIVlC019o8kg+I8w=
-----END CERTIFICATE-----
"""
Path("own.pem").write_text(PEM)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("own.pem")
clients = []


def serve(raw):
    try:
        conn = context.wrap_socket(raw, server_side=True)
        clients.append(conn)
        while data := conn.recv(1024):
            for other in clients:
                other.sendall(data)
    except OSError:
        raw.close()


server = socket.create_server(("127.0.0.1", 8443))
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

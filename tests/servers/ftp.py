"""Files over a second connection, as in FTP: PASV opens a port and names it, PORT names one of the client's.

ftp.py PORT [FAULT]   faults: wrong-port (names another), garbled (names none), open (never closes the data connection), text (turns line
                      ends round), one (a second transfer fails), silent-port (PORT is taken and never called), no-file (says nothing for a missing file)
"""

import pathlib
import socket
import sys
import threading

port, fault = int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""
FILES = {"hello.txt": b"hola\r\na todos\r\n", "bytes.bin": bytes(range(256))}
pathlib.Path("README").touch()


def serve(control):
    lines, passive, active, done = control.makefile("r", newline="\r\n"), None, None, 0

    def say(text):
        control.sendall(text.encode() + b"\r\n")

    say("220 ready")
    for line in lines:
        word, _, rest = line.strip().partition(" ")
        if word == "USER":
            say("230 welcome" if rest == "cs317" else "530 not logged in")
        elif word == "PASV":
            passive = socket.create_server(("127.0.0.1", 0))
            number = passive.getsockname()[1] + (fault == "wrong-port")
            high, low = ("x", "y") if fault == "garbled" else divmod(number, 256)
            say(f"227 Entering Passive Mode (127,0,0,1,{high},{low})")
        elif word == "PORT":
            numbers = rest.split(",")
            active = ("127.0.0.1", int(numbers[4]) * 256 + int(numbers[5]))
            say("200 PORT is fine")
        elif word == "RETR":
            if not passive and not active:
                say("425 use PASV or PORT first")
                continue
            if rest not in FILES:
                if fault != "no-file":
                    say("550 no such file")
                continue
            say("150 here it comes")
            if active and fault == "silent-port":
                continue
            data = passive.accept()[0] if passive else socket.create_connection(active)
            if fault != "one" or not done:
                data.sendall(FILES[rest].replace(b"\r\n", b"\n") if fault == "text" else FILES[rest])
            done += 1
            if fault == "open":
                data_kept.append(data)
            else:
                data.close()
            if passive:
                passive.close()
            passive = active = None
            say("226 done")
        elif word == "QUIT":
            say("221 bye")
            control.close()
            lines.close()
            return
        else:
            say("500 unknown")


data_kept = []
listener = socket.create_server(("127.0.0.1", port))
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

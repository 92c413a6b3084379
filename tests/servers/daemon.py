"""A relay that makes itself a daemon, twice over as the books say, and listens a moment after all that.

daemon.py PORT [FAULT]      FAULT: dies (the daemon ends before it listens); hops (it listens, and for each line that is typed becomes another process)
"""

import os
import socket
import sys
import time

if "hops" in sys.argv:
    server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
    while sys.stdin.readline():
        if os.fork():
            os._exit(0)

for _ in range(2):
    if os.fork():
        os._exit(0)
    os.setsid()
time.sleep(0.1)
if "dies" in sys.argv:
    sys.exit("no configuration")
os.execv(sys.executable, [sys.executable, "relay_threads.py", sys.argv[1]])

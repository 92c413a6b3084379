"""Is it a prime? A JSON object a line each way.

primes.py PORT [FAULT]      faults: strict (asks for a whole number), keeps (does not hang up on nonsense), text
                            ("true" instead of true), spread (an answer over several lines)
"""

import json
import socket
import sys
import threading

FAULT = sys.argv[2] if len(sys.argv) > 2 else ""


def is_prime(number):
    return number == int(number) and number > 1 and all(number % n for n in range(2, int(number**0.5) + 1))


def answer(line):
    try:
        asked = json.loads(line)
        number = asked["number"]
        if asked["method"] != "isPrime" or isinstance(number, bool) or not isinstance(number, int | float):
            raise ValueError
        if FAULT == "strict" and not isinstance(number, int):
            raise ValueError
    except (ValueError, KeyError, TypeError):
        return None
    found = is_prime(number)
    return {
        "prime": str(found).lower() if FAULT == "text" else found,
        "method": "isPrime",
        "note": "more than was asked",
    }


def serve(sock):
    with sock, sock.makefile("rb") as lines:
        for line in lines:
            said = answer(line)
            sock.sendall(
                json.dumps(said or {"error": "malformed"}, indent=1 if FAULT == "spread" else None).encode() + b"\n"
            )
            if said is None and FAULT != "keeps":
                return


server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

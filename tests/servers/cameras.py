"""Speed cameras: typed binary messages. Two plates at two cameras too soon after another, and the dispatchers get a ticket.

cameras.py PORT [FAULT]      faults: little (numbers the wrong way round), plate (the length counts itself),
                             slow (the speed is not in hundredths), silent (no error for an illegal message)
"""

import contextlib
import socket
import struct
import sys
import threading

FAULT = sys.argv[2] if len(sys.argv) > 2 else ""
ORDER = "<" if FAULT == "little" else ">"
lock, seen, dispatchers = threading.Lock(), {}, []


def exactly(sock, size):
    data = b""
    while len(data) < size:
        more = sock.recv(size - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def numbers(sock, code):
    return struct.unpack(">" + code, exactly(sock, struct.calcsize(code)))


def text(sock):
    return exactly(sock, numbers(sock, "B")[0])


def string(data):
    return bytes([len(data) + (FAULT == "plate")]) + data


def ticket(plate, road, one, two):
    (mile1, time1), (mile2, time2) = sorted([one, two], key=lambda seen: seen[1])
    speed = abs(mile2 - mile1) * 3600 // (time2 - time1)
    speed *= 1 if FAULT == "slow" else 100
    return b"\x21" + string(plate) + struct.pack(ORDER + "HHIHIH", road, mile1, time1, mile2, time2, speed), speed


def observe(plate, time, camera):
    road, mile, limit = camera
    with lock:
        before = seen.setdefault((plate, road), [])
        for other in before:
            if other[1] != time:
                data, speed = ticket(plate, road, other, (mile, time))
                if speed > limit * (1 if FAULT == "slow" else 100):
                    for sock, roads in dispatchers:
                        if road in roads:
                            sock.sendall(data)
        before.append((mile, time))


def converse(sock):
    camera = None
    while True:
        (kind,) = exactly(sock, 1)
        if kind == 0x80:
            camera = numbers(sock, "HHH")
        elif kind == 0x81:
            (count,) = numbers(sock, "B")
            with lock:
                dispatchers.append((sock, numbers(sock, "H" * count)))
        elif kind == 0x20 and camera is not None:
            plate = text(sock)
            observe(plate, *numbers(sock, "I"), camera)
        elif FAULT != "silent":
            sock.sendall(b"\x10" + string(b"illegal msg"))
            return


def serve(sock):
    with contextlib.suppress(EOFError, OSError):
        converse(sock)
    with lock:
        dispatchers[:] = [one for one in dispatchers if one[0] is not sock]
    sock.close()


server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

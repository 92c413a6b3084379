"""Channels over datagrams, with several servers that pass on what is said, as DuckChat: channels.py PORT NEIGHBOUR... [FAULT]

faults: alone (passes nothing on), echo (the speaker hears it, too), all (to who is not in the channel, too), forgets (who leaves is still told),
        back (a server passes a message back to where it came from, once), long (names are cut off at 8)
"""

import pathlib
import socket
import struct
import sys

port, *neighbours = (int(word) for word in sys.argv[1:] if word.isdigit())
fault = next((word for word in sys.argv[2:] if word.isalpha()), "")
file = pathlib.Path("fault.txt")
if file.exists():
    fault = file.read_text()
else:
    file.write_text(fault)  # the other servers of this play have it too
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("127.0.0.1", port))
names, inside = {}, {}
while True:
    data, source = sock.recvfrom(2000)
    (kind,) = struct.unpack("<i", data[:4])
    words = [data[at : at + 32].rstrip(b"\0") for at in range(4, len(data), 32)]
    if kind == 0:
        names[source] = words[0][:8] if fault == "long" else words[0]
    elif kind == 2 and source in names:
        inside.setdefault(words[0], set()).add(source)
    elif kind == 3 and fault != "forgets":
        inside.get(words[0], set()).discard(source)
    elif kind == 4 and source in names:
        tell = struct.pack("<i32s32s64s", 0, words[0], names[source], data[36:100])
    elif kind == 9:
        tell = struct.pack("<i", 0) + data[4:]
    if kind in (4, 9) and (kind == 9 or source in names):
        for who in names if fault == "all" else inside.get(words[0], ()):
            if who != source or fault == "echo":
                sock.sendto(tell, who)
        for other in neighbours:
            if fault != "alone" and (other != source[1] or (fault == "back" and kind == 9 and not data.endswith(b"b"))):
                sock.sendto(
                    struct.pack("<i", 9) + tell[4:] + (b"b" if fault == "back" and kind == 9 else b""),
                    ("127.0.0.1", other),
                )

"""A lottery with a server and its agencies, as in Buenos Aires' TP0: both are the student's, and speak as they like.

lottery.py server PORT AGENCIES [FAULT]     lottery.py agency HOST PORT NAME
faults: early (draws when the first is done), all (tells every agency all winners), one-at-a-time, forgets (the last bet), mute (the server logs nothing),
        stays (an agency does not end), status (an agency ends with 3)
"""

import pathlib
import socket
import sys
import threading

if sys.argv[1] == "server":
    port, agencies, fault = int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] if len(sys.argv) > 4 else ""
    pathlib.Path("fault.txt").write_text(fault)  # the agencies of this play have it too
    bets, lock, drawn = [], threading.Condition(), [0]

    def serve(client):
        lines = client.makefile()
        name = next(lines).strip()
        for line in lines:
            if line.strip() == "end":
                break
            with lock:
                bets.append((name, *line.split()))
                client.sendall(b"stored\n")
        with lock:
            if fault == "forgets" and bets:
                bets.pop()
            drawn[0] += 1
            lock.notify_all()
            lock.wait_for(lambda: drawn[0] >= (1 if fault == "early" else agencies))
            won = [who for agency, who, number in bets if number == "7574" and (agency == name or fault == "all")]
        client.sendall(f"{' '.join(won) or '-'}\n".encode())
        client.close()
        if fault != "mute":
            sys.stdout.write(f"agency {name} was told\n")  # in one piece: several threads print
            sys.stdout.flush()

    listener = socket.create_server(("127.0.0.1", port))
    while True:
        client, _ = listener.accept()
        if fault == "one-at-a-time":
            serve(client)
        else:
            threading.Thread(target=serve, args=(client,), daemon=True).start()

fault = pathlib.Path("fault.txt").read_text()
sock = socket.create_connection((sys.argv[2], int(sys.argv[3])))
sock.sendall(f"{sys.argv[4]}\n".encode())
answers = sock.makefile()
print("agency is open")
for line in sys.stdin:
    if line.strip() == "close":
        break
    sock.sendall(line.encode())
    print(f"bet {line.split()[0]}: {next(answers).strip()}", flush=True)
sock.sendall(b"end\n")
print(f"winners: {next(answers).strip()}", flush=True)
if fault == "stays":
    sys.stdin.read()
sys.exit(3 if fault == "status" else 0)

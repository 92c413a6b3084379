"""The bench that counts false failures sees one: of two servers that a spec calls good, one is not."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
RELAY = """
import socket, sys
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    sock, _ = server.accept()
    while data := sock.recv(4096):
        sock.sendall({answer})
    sock.close()
"""


@pytest.mark.long
def test_a_false_failure_is_counted_and_named(tmp_path):
    for name, answer in (("right", "data"), ("wrong", "data.upper()")):
        (tmp_path / f"{name}.py").write_text(RELAY.format(answer=answer), encoding="utf-8")
    (tmp_path / "server.py").write_text(RELAY.format(answer="data"), encoding="utf-8")
    spec = {
        "title": {"en": "Echo"},
        "server": {"run": "python3 server.py <port>"},
        "reference": {"folder": ".", "run": "python3 server.py <port>"},
        "proof": {"good": ["right.py", "wrong.py"]},
        "checks": [{"id": "echo", "points": 1, "clients": ["ana"], "play": "ana > hola\nana < hola"}],
    }
    path, tally = tmp_path / "spec.yaml", tmp_path / "tally.jsonl"
    path.write_text(json.dumps(spec), encoding="utf-8")
    bench = [sys.executable, ROOT / "bench" / "stability.py", "--spec", path, "--checks", "5", "--tally", tally]
    done = subprocess.run([*bench, "--load", "1"], check=False, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 1, done.stderr
    failures = [line for line in done.stdout.splitlines() if line.startswith("load 1  wrong  echo: failed, on seen")]
    assert len(failures) == 2
    assert "HOLA" in failures[0]
    (row,) = (json.loads(line) for line in tally.read_text(encoding="utf-8").splitlines())
    assert {k: row[k] for k in ("load", "checks", "false", "problems")} == {
        "load": 1,
        "checks": 6,
        "false": 2,
        "problems": 0,
    }

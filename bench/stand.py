"""What the benches share: small servers, written here, in a real sandbox, and one play performed against them."""

import json
import tempfile
from contextlib import contextmanager
from pathlib import Path

from grader.conduct.performers import conduct
from grader.judge.verdict import judge
from grader.spec.load import load
from grader.stage import sandbox, staging
from grader.stage.box import Box

PORT, SEED = 21_000, 7


def check_of(play, clients):
    """A check of the smallest protocol: what a client says goes to all others, and nobody joins."""
    spec = {
        "title": "Bench",
        "server": {"run": "python3 server.py <port>"},
        "reference": {"folder": ".", "run": "python3 server.py <port>"},
        "checks": [{"id": "it", "points": 1, "clients": clients, "play": play, "leftovers": "allowed"}],
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "spec.yaml"
        path.write_text(json.dumps(spec), encoding="utf-8")
        loaded = load(path)
    return loaded.checks[0], loaded


@contextmanager
def stand(servers):
    """A box with these servers (file name to source); gives a function that performs a check against a command."""
    with tempfile.TemporaryDirectory() as folder:
        for name, source in servers.items():
            (Path(folder) / name).write_text(source, encoding="utf-8")
        staged, _ = staging.stage(Path(folder))
        try:
            with Box(sandbox.choose(staged).rung, staged) as box:

                def perform(run, play, clients):
                    check, spec = check_of(play, clients)
                    transcript = conduct(check, spec, box, run.split(), PORT, seed=SEED, subject="submission")
                    return judge(check, spec, transcript)

                yield perform
        finally:
            staging.remove(staged)

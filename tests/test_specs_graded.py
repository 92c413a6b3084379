"""Small specs in many protocols, most of them of published assignments, graded from the command line: the right server gets everything, each faulty one is caught."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from plays import Case

from grader.model import Evidence, Outcome
from grader.spec.load import load

HERE = Path(__file__).parent

# spec: each fault of its server, and the checks that it costs
SPECS = {
    "cameras": {
        "little": {"ticket"}, "plate": {"ticket", "illegal"}, "slow": {"ticket"}, "silent": {"illegal"},
    },
    "primes": {
        "strict": {"fractions"}, "keeps": {"nonsense"}, "text": {"primes", "fractions"}, "spread": {"primes", "fractions", "nonsense"},
    },
    "keyvalue": {
        "bare": {"set-and-get", "bytes", "lists"}, "nil": {"set-and-get", "lists"}, "count": {"lists"}, "text": {"bytes"},
    },
    "pages": {
        "length": {"bytes"}, "short": {"page", "bytes", "kept-open"}, "always": {"missing"}, "closes": {"kept-open"},
    },
    "sockets": {
        "key": {"opens", "broadcast", "pieces", "bye", "leaves"}, "refuses": {"opens", "broadcast", "pieces", "bye", "leaves"},
        "masks": {"opens", "broadcast", "pieces", "bye", "leaves"}, "echo": {"broadcast", "pieces", "leaves"}, "short": {"broadcast"}, "keeps": {"bye"},
    },
    "padded": {
        "echo": {"messages"}, "silent": {"nowhere", "pieces"}, "one-read": {"pieces"}, "unpadded": {"create", "messages", "nowhere", "pieces"},
    },
    "blocks": {
        "new-ref": {"chat"}, "leaves-unseen": {"leaves"}, "silent": {"errors"}, "no-blank": {"hello", "chat", "leaves", "errors"},
    },
    "sums": {
        "little": {"sum", "negative", "pieces"}, "no-sign": {"negative"}, "one-read": {"pieces"}, "silent": {"too-many"},
    },
    "frames": {
        "first-line": {"send"}, "stays": {"unsubscribe"}, "goes-on": {"malformed"}, "no-zero": {"send", "unsubscribe", "malformed", "pieces"},
    },
    "tftp": {
        "short": {"blocks", "even"}, "no-empty": {"even"}, "any-ack": {"old-ack"}, "silent": {"errors"},
    },
    "middle": {
        "no-call": {"passes-on", "rewrites", "two-at-once", "ends"}, "keeps": {"ends"}, "one-way": {"rewrites"}, "whole": {"rewrites"},
        "first": {"rewrites"}, "pieces": {"passes-on", "rewrites"},
    },
    "ftp": {
        "wrong-port": {"passive", "again"}, "garbled": {"passive", "again"}, "open": {"passive", "again", "active"}, "text": {"again", "active"},
        "one": {"again"}, "silent-port": {"active"}, "no-file": {"missing"},
    },
    "transfer": {
        "no-resend": {"lost"}, "skips": {"doubled"}, "same-block": {"whole", "until-short", "lost", "doubled", "hostile"},
        "impatient": {"lost"}, "short": {"whole", "until-short", "lost", "doubled"}, "dies": {"hostile"},
    },
    "news": {
        "no-udp": {"reaches", "two-sources", "exit"}, "other-port": {"reaches"}, "all": {"reaches", "two-sources", "unsubscribe"},
        "signed": {"reaches"}, "one-read": {"two-sources"}, "keeps": {"unsubscribe"}, "silent": {"reaches", "two-sources", "unsubscribe", "exit"},
    },
    "copies": {
        "no-old": {"late"}, "no-new": {"copies", "late", "as-copy"}, "writes": {"copies"}, "first": {"late"}, "waits": {"alone", "late", "as-copy"},
        "blind": {"as-copy"}, "unasked": {"copies", "late", "as-master"},
    },
    "lottery": {
        "early": {"bets", "winners"}, "all": {"winners", "together"}, "one-at-a-time": {"winners", "together"}, "forgets": {"winners", "together"},
        "mute": {"winners"}, "stays": {"winners"}, "status": {"winners"},
    },
    "talk": {
        "forgets": {"sends", "away"}, "mixes": {"sends", "away"}, "drops": {"away"}, "quiet": {"sends"}, "unsaid": {"away"}, "loses": {"sends"},
    },
    "udpchat": {
        "unsure": {"lost-on-the-way-to-the-other"}, "once": {"lost-on-the-way-there"}, "again": {"doubled"}, "twice": {"doubled"},
    },
    "chatty": {
        "no-udp": {"two-sockets", "datagrams"}, "unlimited": {"limit"}, "keeps": {"gone"}, "blocks": {"select"}, "stays": {"exit"},
    },
    "channels": {
        "alone": {"several"}, "echo": {"channel", "leaves", "several"}, "all": {"channel", "leaves"}, "forgets": {"leaves"}, "back": {"several"},
        "long": {"channel"},
    },
}  # fmt: skip
RUNS = {
    "middle": "<port> <port-of-up>", "lottery": "server <port> 5", "talk": "server <port>", "udpchat": "server <port>", "chatty": "<port> <port2>", "channels": "<port> <port-of-two>",
}  # fmt: skip
"""What such a server is told, if it is more than its port."""
DEAR = ("udpchat", "chatty", "middle", "ftp", "transfer", "news", "copies", "lottery", "talk", "channels")
"""Specs with several programs or timers: the right server and one faulty one are tried each time, the others in the long run."""
FAULTY = [
    pytest.param(
        spec, fault, id=f"{spec} {fault or 'right'}", marks=[pytest.mark.long] if spec in DEAR and n > 1 else []
    )
    for spec, faults in SPECS.items()
    for n, fault in enumerate(("", *faults))
]
OUTSIDE = ("cameras", "primes", "keyvalue", "pages", "sockets")
"""What is tried from the command line too; the rest only in a stand, which is cheaper."""
GRADED = [(spec, fault) for spec in OUTSIDE for fault in ("", next(iter(SPECS[spec])))]


def graded(spec: str, fault: str, folder: Path) -> dict[str, object]:
    submission = folder / "ana"
    submission.mkdir()
    shutil.copy(HERE / "servers" / f"{spec}.py", submission / "server.py")
    if fault:
        (submission / "submission.yaml").write_text(
            f"run: python3 server.py {RUNS.get(spec, '<port>')} {fault}\n", encoding="utf-8"
        )
    argv = [sys.executable, "-m", "grader", str(submission), "--spec", str(HERE / "specs" / f"{spec}.yaml")]
    done = subprocess.run([*argv, "--out", str(folder)], capture_output=True, text=True, cwd=HERE.parent, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, object] = json.loads((folder / "ana" / "results.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize(("spec", "fault"), GRADED, ids=[f"{spec} {fault or 'right'}" for spec, fault in GRADED])
def test_graded_from_the_command_line(spec, fault, tmp_path):
    results = graded(spec, fault, tmp_path)
    assert {v["check"] for v in results["verdicts"] if v["outcome"] != "passed"} == SPECS[spec].get(fault, set())
    assert (results["complete"], results["possible"]) == (True, 100)
    assert (results["earned"] == 100) is not bool(fault)


@pytest.mark.parametrize(("spec", "fault"), FAULTY)
def test_a_faulty_server_loses_what_it_should_and_a_right_one_nothing(stand, spec, fault):
    loaded = load(HERE / "specs" / f"{spec}.yaml")
    found = {
        check.id: stand.conduct_and_judge(
            Case(check, loaded), f"python3 {spec}.py {RUNS.get(spec, '<port>')} {fault}", loaded.server
        )
        for check in loaded.checks
    }
    assert {name for name, judged in found.items() if judged.outcome is not Outcome.PASSED} == SPECS[spec].get(
        fault, set()
    )
    # None of them is caught by the clock: each was seen, or the server was quiet.
    assert {judged.evidence for judged in found.values()} <= {Evidence.SEEN, Evidence.QUIET}


def test_the_page_shows_what_binary_messages_say(tmp_path):
    results = graded("cameras", "slow", tmp_path)
    (ticket,) = [v for v in results["verdicts"] if v["check"] == "ticket"]
    events = ticket["attempts"][0]["transcript"]["events"]
    assert 'plate plate="UN1X" timestamp=0' in {event.get("says") for event in events}
    page = (tmp_path / "ana" / "report.html").read_text(encoding="utf-8")
    assert "plate plate=&#34;UN1X&#34; timestamp=45" in page
    assert "dispatch roads=[123]" in page

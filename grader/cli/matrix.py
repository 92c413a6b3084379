"""A proof as lines for a terminal: every server with what it lost, every check with what it caught, then what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from grader.course.proof import LOST
from grader.model import Outcome

if TYPE_CHECKING:
    from grader.course.proof import Fault, Proof, Trial
    from grader.spec.proof import KnownServer
    from grader.words.sentences import Sentences

RIGHT, WRONG, OUT = "✓", "✗", "–"


def matrix(proof: Proof, say: Sentences) -> Iterator[str]:
    """The table, top to bottom. What stands in it was tried; nothing here is computed but the layout."""
    faulty = {str(fault.facts.get("server", "reference")) for fault in proof.faults if "check" not in fault.facts}
    width = max((len(server.name) for server in proof.servers), default=0)
    width = max(width, *(len(check.id) for check in proof.spec.checks))
    for key, good in (("good", True), ("bad", False)):
        servers = [server for server in proof.servers if server.good is good]
        if servers:
            yield f"{say.say(f'prove.{key}')}:"
        for server in servers:
            wrong = server.name in faulty or (server.is_reference and _reference_fails(proof))
            mark = OUT if server in proof.left_out else WRONG if wrong else RIGHT
            yield f"{mark} {server.name:{width}}  {row(server, proof.of(server), say)}".rstrip()
        if servers:
            yield ""
    if any(not server.good for server in proof.servers):
        yield f"{say.say('prove.checks')}:"
        for check in proof.spec.checks:
            names = proof.catches(check.id)
            mark = RIGHT if names else WRONG if proof.whole else OUT
            yield f"{mark} {check.id:{width}}  {len(names):3}  {say.names(names)}".rstrip()
        yield ""


def row(server: KnownServer, trials: Sequence[Trial], say: Sentences) -> str:
    """What a server lost: the checks, and how many more were not run because of them."""
    lacking = next((trial.lacking for trial in trials if trial.lacking), "")
    if lacking:
        return say.say("prove.left-out", tool=lacking)
    said = []
    for lost in dict.fromkeys(trial.lost for trial in trials):
        same = [trial for trial in trials if trial.lost == lost]
        blocked = len(same[0].checks(Outcome.BLOCKED))
        text = ", ".join(lost) or ("" if server.good else say.say("prove.nothing"))
        if blocked:
            text += f" (+ {say.say('prove.also-not-run', count=blocked)})"
        said.append(f"{text or say.say('prove.nothing')} ×{len(same)}" if len(same) < len(trials) else text)
    if any(trial.checks(Outcome.GRADER_PROBLEM) for trial in trials):
        said.append(say.say("prove.not-tried"))
    text = "; ".join(filter(None, said))
    return f"{text} ({say.say('prove.by-a-race')})" if server.race and text else text


def remarks(proof: Proof, say: Sentences) -> Iterator[str]:
    """What was noted on correct servers without costing anything: where the grader came near to erring."""
    found: dict[str, int] = {}
    for server in proof.servers:
        for trial in proof.of(server) if server.good else ():
            for check, told in trial.told.items():
                for remark in told.remarks:
                    line = f"  {server.name} {check}: {say.of_finding(remark.code, 'one', remark.facts)}"
                    found[line] = found.get(line, 0) + 1
    if found:
        yield f"{say.say('prove.remarks')}:"
        yield from (line if count == 1 else f"{line} ×{count}" for line, count in found.items())
        yield ""


def ending(proof: Proof, say: Sentences, seconds: float) -> Iterator[str]:
    """What is wrong, each in a sentence; or that nothing is."""
    if proof.faults:
        yield f"{say.say('prove.faults')}:"
        for fault in proof.faults:
            yield f"{WRONG} {sentence(fault, say)}"
            for check, finding in fault.because:
                yield f"    {check}: {say.of_finding(finding.code, 'one', finding.facts)}"
        yield ""
        yield say.say("prove.not-proved", faults=len(proof.faults))
        return
    tried = [server for server in proof.servers if server not in proof.left_out]
    good, bad = (sum(server.good is kind for server in tried) for kind in (True, False))
    said = [say.say("prove.sum-good", good=good)] if good else []
    if bad:
        said.append(say.say("prove.sum-bad", bad=bad))
    if proof.left_out:
        said.append(say.say("prove.sum-left-out", left_out=len(proof.left_out)))
    if proof.whole:
        if not proof.left_out:
            said.append(say.say("prove.sum-checks", checks=len(proof.spec.checks)))
        runs = 1 + max((trial.number for trial in proof.trials), default=0)
        said.append(say.say("prove.proved", runs=runs, seconds=round(seconds, 1)))
    yield " ".join(said)


def sentence(fault: Fault, say: Sentences) -> str:
    """What is wrong. Lists are not cut short here: an instructor has to compare them."""
    facts = {
        key: ", ".join(value) if isinstance(value, list) else value
        for key, value in fault.facts.items()
        if key != "runs"
    }
    runs = fault.facts.get("runs")
    if isinstance(runs, list):
        parts = ((", ".join(one["lost"]) or say.say("prove.nothing"), one["times"]) for one in runs)
        facts["runs"] = "; ".join(f"{lost} ×{times}" for lost, times in parts)
    return say.say(f"prove.fault.{fault.code}", **facts)


def _reference_fails(proof: Proof) -> bool:
    return any(fault.code == "reference-fails" for fault in proof.faults)


def surprising(server: KnownServer, trial: Trial) -> bool:
    """Whether one trial alone is not as it should be; for the line that is printed while others still run."""
    ran = trial.checks(*LOST, Outcome.BLOCKED)
    return bool(ran) if server.good else not set(trial.lost) <= set(server.loses) <= set(ran)

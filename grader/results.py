"""results.json: a grade written down, and read back so that any report can be drawn again without running anything.

Key by key as `docs/results.schema.json` says. What is written is the trimmed grade (`trim.py`): what a page needs and no
more. Reading back gives the nouns again, so that a page drawn from a file is the page drawn from the run.

Bytes stand as `text` when they are valid UTF-8, else as `b64`. What is empty or plain (no note, no step, nothing cut) is
left out of an event. Unknown keys are ignored when reading: newer graders may add some.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import PurePath
from typing import Any

from grader.model import (
    Attempt,
    Build,
    Cause,
    Check,
    Evidence,
    Facts,
    Finding,
    Grade,
    Line,
    Outcome,
    Recorded,
    Run,
    Submission,
    Transcript,
    Verb,
    Verdict,
    bare,
)
from grader.model.plain import (
    a_scoring,
    a_server,
    a_spot,
    a_thread,
    a_worth,
    an_event,
    read_event,
    read_scoring,
    read_server,
    read_spot,
    read_thread,
    read_worth,
)
from grader.trim import trimmed

SCHEMA = 1
Json = dict[str, Any]


def dump(grade: Grade) -> str:
    """The text of results.json. A lone surrogate (from a file name that is no UTF-8) becomes its JSON escape."""
    text = json.dumps(to_json(grade), ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace").decode() + "\n"


def load(text: str) -> Grade:
    """A grade from the text of results.json. Raises ValueError where it is none."""
    return from_json(json.loads(text))


def load_bare(text: str) -> Grade:
    """The bare grade (see `model.bare`) in the text of results.json, eight times as quickly as the whole."""
    plain = json.loads(text)
    try:
        for verdict in plain["verdicts"]:
            verdict["reference"] = None
            for attempt in verdict["attempts"]:
                attempt["transcript"] |= {"events": [], "play": [], "threads": []}
        return bare(from_json(plain))
    except (KeyError, TypeError, AttributeError) as problem:
        raise ValueError(f"these results are damaged: {problem}") from problem


def to_json(grade: Grade) -> Json:
    """The trimmed grade as plain values."""
    grade = trimmed(grade)
    run, first, who = grade.run, grade.first_to_fix, grade.submission
    return {
        "schema": SCHEMA,
        "complete": grade.complete,
        "run": {"id": run.id, "started": run.started, "seconds": run.seconds, "seed": run.seed, "argv": [*run.argv]},
        "submission": {
            "name": who.name,
            "folder": shown_folder(who),
            "digest": who.digest,
            **({"owners": [*who.owners]} if who.owners else {}),
        },
        "spec": {
            "id": grade.spec_id,
            "title": {**grade.spec_title},
            "digest": grade.spec_digest,
            "language": grade.language,
        },
        "reference": {"digest": run.reference_digest},
        "sandbox": {"rung": run.rung, "why": run.rung_why},
        "versions": dict(run.versions),
        **{sum_: getattr(grade, sum_) for sum_ in ("earned", "possible", "withheld")},
        "first_to_fix": _cause(first) if first else None,
        "causes": [_cause(c) for c in grade.causes],
        "build": asdict(grade.build) if grade.build else None,
        "problem": _finding(grade.problem) if grade.problem else None,
        **({"notices": [_finding(n) for n in grade.notices]} if grade.notices else {}),
        **({"contents": dict(grade.contents)} if grade.contents else {}),
        **a_scoring(grade),
        "verdicts": [_verdict(v) for v in grade.verdicts],
    }


def shown_folder(submission: Submission) -> str:
    """The submission's folder as it may be written down: relative, since an absolute path tells of somebody's machine."""
    folder = PurePath(submission.folder)
    inside = not folder.is_absolute() and ".." not in folder.parts and folder.parts
    return f"{folder if inside else submission.name}/"


def _verdict(verdict: Verdict) -> Json:
    check = verdict.check
    return {
        "check": check.id,
        "title": dict(check.title),
        "concept": check.concept,
        "requirement": dict(check.requirement),
        "why": dict(check.why),
        "hint": dict(check.hint),
        "hidden": check.hidden,
        **a_worth(check),
        "needs": [*check.needs],
        "clients": [*check.clients],
        "outcome": verdict.outcome.value if verdict.outcome else None,
        "earned": verdict.earned,
        "points": check.points,
        "evidence": verdict.evidence.value,
        "blocked_by": [*verdict.blocked_by],
        "attempts": [
            {
                "outcome": a.outcome.value,
                "evidence": a.evidence.value,
                "seconds": round(a.seconds, 6),
                "findings": [_finding(f) for f in a.findings],
                "remarks": [_finding(f) for f in a.remarks],
                "transcript": _transcript(a.transcript),
            }
            for a in verdict.attempts
        ],
        "findings": [_finding(f) for f in verdict.findings],
        "remarks": [_finding(f) for f in verdict.remarks],
        "reference": _transcript(verdict.reference) if verdict.reference else None,
        "recorder": verdict.recorder.plain() if verdict.recorder else None,
    }


def _transcript(transcript: Transcript) -> Json:
    return {
        "subject": transcript.subject,
        "seed": transcript.seed,
        "server": a_server(transcript.server),
        "play": [
            {"step": x.step, "text": x.text, "who": [*x.who], "verb": x.verb.value, "part": x.part}
            for x in transcript.play
        ],
        "events": [an_event(e) for e in transcript.events],
        "threads": [a_thread(t) for t in transcript.threads],
    }


def _finding(finding: Finding) -> Json:
    return {
        "code": finding.code,
        "facts": _facts(finding.facts),
        "events": [*finding.events],
        "where": a_spot(finding.where),
    }


def _facts(facts: Facts) -> Json:
    return {name: _fact(value) for name, value in facts.items()}


def _fact(value: object) -> object:
    if isinstance(value, list | tuple | set | frozenset):
        return [_fact(v) for v in (sorted(value, key=str) if isinstance(value, set | frozenset) else value)]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _cause(cause: Cause) -> Json:
    return {
        "code": cause.code,
        "facts": _facts(cause.facts),
        "explains": [*cause.explains],
        "where": a_spot(cause.where),
    }


def from_json(plain: Mapping[str, Any]) -> Grade:
    """The grade that was written. Raises ValueError where the schema is a later one or a key is missing."""
    if plain.get("schema") != SCHEMA:
        raise ValueError(f"results of schema {plain.get('schema')!r} can't be read; this grader reads schema {SCHEMA}")
    try:
        return _grade(plain)
    except (KeyError, TypeError) as problem:
        raise ValueError(f"these results are damaged: {problem}") from problem


def _grade(plain: Mapping[str, Any]) -> Grade:
    run, who, spec = plain["run"], plain["submission"], plain["spec"]
    build, problem = plain.get("build"), plain.get("problem")
    told = Run(
        run["id"], run["started"], run["seconds"], run["seed"], tuple(run["argv"]), plain["sandbox"]["rung"],
        plain["sandbox"]["why"], plain["versions"], plain["reference"]["digest"],
    )  # fmt: skip
    return Grade(
        submission=Submission(who["name"], who.get("folder", who["name"]), who["digest"], tuple(who.get("owners", ()))),
        spec_id=spec["id"],
        spec_title=spec["title"],
        spec_digest=spec["digest"],
        language=spec["language"],
        verdicts=tuple(_read_verdict(v) for v in plain["verdicts"]),
        run=told,
        complete=plain["complete"],
        causes=tuple(
            Cause(c["code"], tuple(c["explains"]), c["facts"], read_spot(c.get("where"))) for c in plain["causes"]
        ),
        build=Build(build["command"], build["status"], build["seconds"], build["log"]) if build else None,
        problem=_read_finding(problem) if problem else None,
        notices=tuple(map(_read_finding, plain.get("notices", ()))),
        contents=plain.get("contents", {}),
        **read_scoring(plain),
    )


def _read_verdict(plain: Mapping[str, Any]) -> Verdict:
    check = Check(
        id=plain["check"],
        title=plain["title"],
        points=plain["points"],
        requirement=plain["requirement"],
        why=plain["why"],
        hint=plain["hint"],
        concept=plain["concept"],
        needs=tuple(plain.get("needs", ())),
        clients=tuple(plain.get("clients", ())),
        hidden=plain["hidden"],
        **read_worth(plain),
    )
    return Verdict(
        check=check,
        outcome=Outcome(plain["outcome"]) if plain["outcome"] else None,
        earned=plain["earned"],
        evidence=Evidence(plain["evidence"]),
        blocked_by=tuple(plain["blocked_by"]),
        attempts=tuple(
            Attempt(
                Outcome(a["outcome"]),
                Evidence(a["evidence"]),
                a["seconds"],
                tuple(map(_read_finding, a["findings"])),
                tuple(map(_read_finding, a["remarks"])),
                _read_transcript(a["transcript"], check.id),
            )
            for a in plain["attempts"]
        ),
        findings=tuple(map(_read_finding, plain["findings"])),
        remarks=tuple(map(_read_finding, plain["remarks"])),
        reference=_read_transcript(plain["reference"], check.id) if plain["reference"] else None,
        recorder=Recorded.read(plain["recorder"]),
    )


def _read_transcript(plain: Mapping[str, Any], check: str) -> Transcript:
    return Transcript(
        check=check,
        subject=plain["subject"],
        seed=plain["seed"],
        events=tuple(read_event(e) for e in plain["events"]),
        play=tuple(Line(x["step"], x["text"], tuple(x["who"]), Verb(x["verb"]), part=x["part"]) for x in plain["play"]),
        server=read_server(plain["server"]),
        threads=tuple(map(read_thread, plain["threads"])),
    )


def _read_finding(plain: Mapping[str, Any]) -> Finding:
    return Finding(plain["code"], plain["facts"], tuple(plain["events"]), read_spot(plain["where"]))

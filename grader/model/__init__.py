"""The nouns of the project: what a spec says, what happened on the wire, and what it is worth.

Everything here is a frozen value. A `Spec` is what an instructor wrote; a `Transcript` is the only record of what
happened between one server and the clients of one check; a `Verdict` is a claim about a transcript, with its evidence;
a `Grade` is all verdicts of one submission. Nothing in this module runs, reads or draws anything, so each value can be
made by hand in a test, kept in `results.json`, and drawn again years later.

Times are seconds since the check began (monotonic clock, taken in our clients). What travelled is `bytes` until the
moment of display. Texts for people (`Words`) carry every language that the spec has.
"""

from grader.model.cohorts import Changed, ClassRun, Cohort, Member, Notice, Regrade, bare
from grader.model.commands import ANYWHERE, LOOPBACK, Command
from grader.model.grades import (
    GATHERED,
    Attempt,
    Build,
    Cause,
    Evidence,
    Finding,
    Grade,
    Outcome,
    Run,
    Submission,
    Verdict,
)
from grader.model.learned import Instead, Learned
from grader.model.lines import SERVER, Block, Facts, Line, Place, Verb, Words
from grader.model.plays import Check, Dialect, Listed, Spec
from grader.model.protocols import Field, Message, Protocol
from grader.model.recordings import CodeLine, Recorded, RecorderState, Recording, SocketCall
from grader.model.roles import Role
from grader.model.scoring import Group, Manual, Milestone, Tier
from grader.model.transcripts import Event, Kind, ServerFacts, SourceSpot, Thread, Transcript

__all__ = [
    "ANYWHERE",
    "GATHERED",
    "LOOPBACK",
    "SERVER",
    "Attempt",
    "Block",
    "Build",
    "Cause",
    "Changed",
    "Check",
    "ClassRun",
    "CodeLine",
    "Cohort",
    "Command",
    "Dialect",
    "Event",
    "Evidence",
    "Facts",
    "Field",
    "Finding",
    "Grade",
    "Group",
    "Instead",
    "Kind",
    "Learned",
    "Line",
    "Listed",
    "Manual",
    "Member",
    "Message",
    "Milestone",
    "Notice",
    "Outcome",
    "Place",
    "Protocol",
    "Recorded",
    "RecorderState",
    "Recording",
    "Regrade",
    "Role",
    "Run",
    "ServerFacts",
    "SocketCall",
    "SourceSpot",
    "Spec",
    "Submission",
    "Thread",
    "Tier",
    "Transcript",
    "Verb",
    "Verdict",
    "Words",
    "bare",
]

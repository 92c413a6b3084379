"""What an instructor wrote: a course's protocol, and its checks with their plays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from grader.model.commands import Command
from grader.model.learned import Learned
from grader.model.lines import Line, Place, Words
from grader.model.protocols import Protocol
from grader.model.roles import Role
from grader.model.scoring import Group, Manual, Milestone, Tier
from grader.model.scripts import Repeat, Step


@dataclass(frozen=True, slots=True)
class Dialect:
    """How this course words things: the templates with which laws and ready-made checks are written."""

    words: Mapping[str, str] = field(default_factory=dict)
    welcome: str | None = None
    joined: str | None = None
    heard: str | None = None
    left: str | None = None
    also: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    """What a client may write that is not a message to the others, such as ``/<*>``."""


@dataclass(frozen=True, slots=True)
class Check:
    """One graded behaviour, worth points. Without a play it is known by its texts only (read back from results)."""

    id: str
    title: Words
    points: float
    requirement: Words = field(default_factory=dict)
    why: Words = field(default_factory=dict)
    hint: Words = field(default_factory=dict)
    concept: str | None = None
    needs: tuple[str, ...] = ()
    laws: tuple[str, ...] = ()
    race: bool = False
    attempts: int = 3
    clients: tuple[str, ...] = ()
    play: tuple[Line, ...] = ()
    leftovers_allowed: bool = False
    ignore: tuple[str, ...] = ()
    same_as_reference: bool = False
    """What the clients get is compared with what they get from the reference."""
    latency: tuple[float, float, float] | None = None
    """How many times slower than the reference's half, and 99 of 100, of the answers may be; the milliseconds that never count."""
    hidden: bool = False
    demand: str = ""
    """What the course has to demand, by its name under `demands:`, for a failure to cost anything; else it is a remark."""
    place: Place | None = None
    group: str = ""
    of: str = ""
    """The id under which it stands in the spec, where `each` made several checks of one."""
    bonus: bool = False
    penalty: float = 0.0
    """Points that are lost when it fails; such a check earns none."""
    gate: float | None = None
    """The most that the whole grade comes to when it fails."""
    tiers: tuple[Tier, ...] = ()
    horizon: float | None = None
    """Seconds, where this check has another horizon than the spec."""
    limits: Mapping[str, int] = field(default_factory=dict)
    """How much its server may use, where that is not what the spec says."""
    python: str = ""
    """Where its play comes from a function: the file and, behind a colon, the name of the function."""
    source: str = ""
    """The text of that file."""
    script: tuple[Step | Repeat, ...] = ()
    """What is played after `play`, where lines are repeated or made of computed values."""

    @property
    def made_at_run(self) -> bool:
        """Whether its whole play is known only when it has been played."""
        return bool(self.python or self.script)

    @property
    def beside_reference(self) -> bool:
        """Whether it can be judged only beside what the reference did."""
        return self.same_as_reference or self.latency is not None


@dataclass(frozen=True, slots=True)
class Listed:
    """What stands under `proof:`: a server of known worth, or a folder of them, as it is written there."""

    path: str
    good: bool
    place: Place
    loses: tuple[str, ...] | None = None
    """The ids of the checks that it must lose; None where the server itself says it."""


@dataclass(frozen=True, slots=True)
class Spec:
    """A course's protocol and its checks, as an instructor wrote them in one YAML file."""

    id: str
    title: Words
    language: str
    server: Command
    reference_folder: str
    reference: Command
    checks: tuple[Check, ...]
    protocol: Protocol = field(default_factory=Protocol)
    files: Mapping[str, str] = field(default_factory=dict)
    """The contents of the files that plays name: bytes as text, as everything that is sent."""
    dialect: Dialect = field(default_factory=Dialect)
    languages: tuple[str, ...] = ()
    """Those that a reader's locale may choose from: the one that `language` names, else those of the title, else any."""
    carried: frozenset[str] = frozenset()
    """The laws that some check of the spec carries: a breach costs that check, and is set aside in the others."""
    horizon: float = 1.0
    """Seconds: a server's timer that goes off later than this counts as never."""
    unsteady: str = "share"
    """What a check that passed in some attempts only earns: its `share`, `nothing`, or `everything`."""
    programs: tuple[str, ...] = ()
    """The clients that are programs of the submission: `server` is then how these are started, and `opposite` the server."""
    opposite: Command | None = None
    roles: tuple[Role, ...] = ()
    """Clients of other kinds, and further programs of the submission."""
    discover: bool = False
    """The plays are put into the words of each server, which have to be found out unless `talks` says them."""
    idles: bool = False
    """While the server was looked at, nothing came by its timers: that they may go off need not be waited for everywhere."""
    talks: Learned | None = None
    """How all servers talk, by the instructor's word."""
    path: str = ""
    digest: str = ""
    proof: tuple[Listed, ...] = ()
    """The servers with which `grade prove` tries this spec; a grading has no use for them."""
    join: tuple[Line, ...] = ()
    """What every client says to join, for `me`."""
    run_limit: float | None = None
    """Seconds for all checks of a submission together."""
    demands: tuple[str, ...] = ()
    """What the assignment asks of a program besides its checks, by name."""
    groups: tuple[Group, ...] = ()
    manual: tuple[Manual, ...] = ()
    milestones: tuple[Milestone, ...] = ()

    def role_of(self, who: str) -> Role | None:
        """The kind of a participant; None for the server and for ordinary clients."""
        return next((role for role in self.roles if who in role.played_by), None) if self.roles else None

    def protocol_of(self, who: str) -> Protocol:
        """How a participant speaks."""
        role = self.role_of(who)
        return self.protocol if role is None else role.protocol

"""The checks of a spec: each read by itself, then held against the others.

A check is read in three steps: its keys (`tables`), its play (`plays`, `grammar`, `sense`), and what it says about other
checks (an id that stands twice, a need that nobody fulfils, needs that go round in a circle).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from grader.judge.strays import SENT_ONCE
from grader.model import Check, Dialect, Group, Line, Place
from grader.model.roles import port_of
from grader.model.scoring import shares
from grader.model.scripts import Repeat, Step
from grader.spec import tables
from grader.spec.complaints import Spot, joined, shown
from grader.spec.each import Entry, filled, read_each, titled
from grader.spec.expand import count, expand
from grader.spec.functions import read_function
from grader.spec.grammar import parse_play
from grader.spec.keys import Reading, Values, read_map
from grader.spec.loops import is_script, script
from grader.spec.names import MOST_CLIENTS, read_names
from grader.spec.plays import PlayText, play_text, ready_made_play
from grader.spec.ready_made import Brought
from grader.spec.scoring import worths
from grader.spec.sense import check_play
from grader.spec.yaml_marks import Items, Node, Scalar

Script = tuple[Step | Repeat, ...]
MOST_LINES = 50_000
"""Lines of all plays of a spec together, joins included."""

MOST_NAMES = 300_000
"""Clients named by all these lines together."""


def read_checks(
    reading: Reading, node: Node | None, dialect: Dialect, join: tuple[Line, ...], groups: Sequence[Group] = ()
) -> tuple[tuple[Check, ...], Mapping[str, tuple[str, ...]]]:
    """Every check that could be read, in the order of the file, and the ids: those that are written, and what they name."""
    if node is None:
        return (), {}
    if not isinstance(node, Items) or not node.items:
        reading.complain(node, "`checks` is a list of at least one check.", "Each begins with `- id: …`.")
        return (), {}
    found = [read_map(reading, item, tables.CHECK) for item in node.items]
    entries = [read_each(reading, check) for check in found]
    ids = {
        check.get("id"): tuple(f"{check.get('id')}-{x.number}" for x in several) or (check.get("id"),)
        for check, several in zip(found, entries, strict=True)
        if "id" in check.got
    }
    _check_ids(reading, found, ids)
    _check_needs(reading, found)
    return tuple(_Builder(reading, dialect, join, ids).build(found, entries, worths(reading, found, groups))), ids


class _Builder:
    """Makes checks of what their keys say."""

    def __init__(
        self, reading: Reading, dialect: Dialect, join: tuple[Line, ...], ids: Mapping[str, tuple[str, ...]]
    ) -> None:
        self._ids = ids
        self._reading = reading
        self._dialect = dialect
        self._join = join
        self._lines = 0
        self._names = 0

    def build(
        self, found: Sequence[Values], entries: Sequence[tuple[Entry, ...]], worth: Sequence[float]
    ) -> Iterator[Check]:
        for check, several, points in zip(found, entries, worth, strict=True):
            if several:
                parts = shares(points, [1.0] * len(several))
                lost = shares(check.get("penalty", 0.0), [1.0] * len(several))
                for entry, part, penalty in zip(several, parts, lost, strict=True):
                    yield self._check(check, part, penalty, entry)
            else:
                yield self._check(check, points, check.get("penalty", 0.0))
            if self._lines > MOST_LINES or self._names > MOST_NAMES:
                message = f"The plays of this spec come to more than {MOST_LINES} lines or {MOST_NAMES} names."
                self._reading.complain(check.place, message, "Fewer clients will show the same.")
            if self._reading.complaints.full or self._lines > MOST_LINES or self._names > MOST_NAMES:
                return

    def _check(self, check: Values, points: float, penalty: float, entry: Entry | None = None) -> Check:
        text, brought = self._text(check)
        clients = self._clients(check, brought)
        play, made = self._play(check, clients, filled(text, entry) if text and entry else text)
        name = check.get("id", "")
        title = check.get("title", {self._reading.language: name})
        hidden = check.get("hidden", False)
        function, source = read_function(self._reading, check)
        return Check(
            id=f"{name}-{entry.number}" if entry else name,
            title=titled(title, entry, hidden=hidden) if entry else title,
            points=points,
            requirement=check.get("requirement", {}),
            why=check.get("why", {}),
            hint=check.get("hint", {}),
            concept=check.get("concept"),
            needs=tuple(one for need, _ in check.get("needs", ()) for one in self._ids.get(need, ())),
            laws=self._laws(check, brought),
            race=check.get("race", False),
            attempts=check.get("attempts", 3),
            clients=clients or (),
            play=play,
            script=made,
            leftovers_allowed=check.get("leftovers") == "allowed" or brought.leftovers,
            ignore=(*(source for source, _ in check.get("ignore", ())), *brought.ignore),
            same_as_reference=check.get("same_as_reference", False),
            latency=brought.latency,
            hidden=hidden,
            demand=check.get("demand", ""),
            place=check.place,
            group=check.get("group", ""),
            of=name if entry else "",
            bonus=check.get("bonus", False),
            penalty=penalty,
            gate=check.get("gate"),
            tiers=check.get("tiers", ()),
            horizon=check.get("quiet", Values(check.place)).get("horizon"),
            limits=check.get("limits", Values(check.place)).got,
            python=function,
            source=source,
        )

    def _laws(self, check: Values, brought: Brought) -> tuple[str, ...]:
        laws: tuple[tuple[str, Place], ...] = check.get("law", ())
        for law, place in laws:
            if self._reading.discover and law in tables.WITHOUT_FORMS:
                continue
            if law == SENT_ONCE and self._reading.protocol.repeats != "ignored":
                hint = "Say `protocol: {transport: udp, repeats: ignored}`, or remove it."
                self._reading.complain(place, f"The law {law} is about datagrams that are repeated.", hint)
            missing = [f"`{form}`" for form in tables.LAWS[law] if not getattr(self._dialect, form)]
            if missing:
                self._reading.complain(place, f"The law {law} needs {joined(missing)} in the dialect.")
        return tuple(dict.fromkeys([*(law for law, _ in laws), *brought.law]))

    def _clients(self, check: Values, brought: Brought) -> tuple[str, ...] | None:
        """The clients of a check, or None after a complaint."""
        if brought.clients:
            return read_names(brought.clients, Spot(check.place_of("use"), exact=False), self._reading.complaints)
        node: Node | None = check.get("clients")
        if node is None:
            return ()
        before = len(self._reading.complaints)
        names: dict[str, None] = {}
        for item in node.items if isinstance(node, Items) else (node,):
            if not isinstance(item, Scalar):
                self._reading.complain(item, "`clients` is a list of names.", "Write [ana, beto] or c1..c5.")
                continue
            for name in read_names(item.value, Spot(item.place, item.plain), self._reading.complaints) or ():
                if name in names:
                    self._reading.complain(item, f"{shown(name)} stands here twice.")
                names[name] = None
        if len(names) > MOST_CLIENTS:
            self._reading.complain(node, f"A check has at most {MOST_CLIENTS} clients.")
        return tuple(names) if len(self._reading.complaints) == before else None

    def _text(self, check: Values) -> tuple[PlayText | None, Brought]:
        """The text of the play, written by hand or by a ready-made check, and what that one brings."""
        reading, nothing = self._reading, Brought()
        ways = [key for key in ("play", "use", "python") if key in check.places]
        if len(ways) != 1:
            hint = "Remove one of them." if ways else "Write `play: |` and its lines below."
            reading.complain(check.place, "A check has either `play`, `use` or `python`.", hint)
            return None, nothing
        if "with" in check.places and "use" not in check.places:
            reading.complain(check.place_of("with"), "`with` belongs to `use`, which is not here.", "Remove it.")
        if "play" in check.got:
            return play_text(reading, check.get("play"), "play"), nothing
        made = ready_made_play(reading, check, self._dialect) if "use" in check.got else None
        return made or (None, nothing)

    def _play(
        self, check: Values, clients: tuple[str, ...] | None, text: PlayText | None
    ) -> tuple[tuple[Line, ...], Script]:
        reading = self._reading
        others = frozenset(who for role in reading.roles for who in role.played_by)
        joins = expand(clients or (), (), self._join, others)
        if text is None:
            return joins if "python" in check.got else (), ()
        before = len(reading.complaints)
        written = parse_play(text.text, text.where, reading, everybody=clients or ())
        if clients is None:
            # Who is there is not known, so nobody can be missing.
            return (), ()
        networks = frozenset(role.name for role in reading.roles if role.carries)
        known = [port_of(role.name) for role in reading.roles if role.listens]
        for name in networks.intersection(clients):
            reading.complain(
                check.place_of("clients"), f"{name} only carries datagrams.", "It joins nobody: remove it."
            )
        check_play(written, clients, reading.words, reading.complaints, known, networks)
        lines = [x.line for x in written]
        self._lines += count(clients, lines, self._join)
        self._names += sum(len(line.who) for line in lines)
        if not lines and len(reading.complaints) == before:
            reading.complain(check.place_of("play"), "The play has no line.", "A line that begins with # is a comment.")
        said = [x.said for x in written]
        if is_script(said):
            return joins, script(said, [*reading.words, *known], reading.complaints)
        return () if self._lines > MOST_LINES else expand(clients, lines, self._join, others), ()


def _check_ids(reading: Reading, found: list[Values], ids: Mapping[str, tuple[str, ...]]) -> None:
    first: dict[str, Place] = {}
    made = {one: name for name, several in ids.items() for one in several if one != name}
    for check in found:
        name = check.get("id")
        if name in first:
            message = f"There are two checks called {shown(name)}, the first in line {first[name].line}."
            reading.complain(check.place_of("id"), message)
        elif name in made:
            reading.complain(check.place_of("id"), f"{shown(name)} is a check that `each` makes of {made[name]}.")
        elif name is not None:
            first[name] = check.place_of("id")


def _check_needs(reading: Reading, found: list[Values]) -> None:
    checks = {check.get("id"): check for check in found if "id" in check.got}
    for check in found:
        for need, place in check.get("needs", ()):
            if need not in checks:
                others = [name for name in checks if name != check.get("id")]
                reading.complaints.unknown(place, f"No check is called {shown(need)}.", need, others)
    circle = _circle({name: [need for need, _ in check.get("needs", ())] for name, check in checks.items()})
    if circle:
        place = checks[circle[0]].place_of("needs")
        said = " needs ".join([*circle[:10], *(["…"] if len(circle) > 10 else []), circle[0]])
        reading.complain(place, f"These checks need one another: {said}.", "None of them could ever run.")


def _circle(needs: Mapping[str, list[str]]) -> list[str]:
    """The first circle of needs, or nothing. Depth first, without recursion: a chain may be long."""
    done: set[str] = set()
    for start in needs:
        path = {start: iter(needs[start])} if start not in done else {}
        while path:
            here = next(reversed(path))
            need = next(path[here], None)
            if need is None:
                done.add(here)
                del path[here]
            elif need in path:
                names = list(path)
                return names[names.index(need) :]
            elif need in needs and need not in done:
                path[need] = iter(needs[need])
    return []

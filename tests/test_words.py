"""Every sentence exists in every language, takes the same facts, and never fails for want of one."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from grader.words import LANGUAGES, Sentences
from grader.words.sentences import Either, Plural, Slot, catalog, facts_in, read

REPORT = Path(__file__).parent.parent / "grader" / "report"

# One and several, as the judge and the stage fill them in.
INSTEAD = ("display", "python2", "address", "ended", "no-port")
FACTS = {
    "never-came": {"who": ["ana"], "text": "beto: hola", "begun": "beto: ho"},
    "came-instead": {"who": ["ana"], "text": "beto: hola", "got": "hola"},
    "came-unasked": {"who": ["ana"], "got": ["hola"]},
    "left-over": {"who": ["ana"], "got": ["hola"], "count": 1},
    "closed-instead": {"who": ["ana"], "text": "beto: hola"},
    "not-closed": {"who": ["ana"]},
    "was-closed": {"who": ["ana"]},
    "not-accepted": {"who": ["ana"]},
    "refused": {"who": ["ana"], "port": 5000},
    "not-read": {"who": ["ana"], "unread": 8},
    "never-listens": {"port": 5000},
    "wrong-port": {"port": 5000, "listening": 8080},
    "port-missing": {"port": 5000, "transport": "UDP"},
    "from-elsewhere": {"who": ["ana"], "port": 40000, "called": 5000, "got": "hola"},
    "came-again": {"who": ["ana"], "count": 2},
    "never-called": {"who": ["up"]},
    "no-port": {"who": ["data"], "text": "x"},
    "no-number": {"who": ["ana"], "text": "many"},
    "program-not-listening": {"who": ["two"], "text": "21010"},
    "never-shown": {"who": ["ana"], "text": "hola", "shown": ["welcome ana"]},
    "program-exited": {"who": ["ana"], "text": "hola", "status": 1, "shown": ["KeyError"]},
    "program-stays": {"who": ["ana"]},
    "program-status": {"who": ["ana"], "status": 1, "wanted": 0},
    "never-printed": {"text": "bye", "printed": ["Ready.", "ana left"]},
    "did-not-exit": {},
    "wrong-status": {"status": 1, "wanted": 0},
    "port-not-printed": {"printed": 0, "listening": 8080},
    "other-port-printed": {"printed": 5000, "listening": 8080},
    "other-address": {"address": "127.0.1.1", "called": "127.0.0.1"},
    "address-not-here": {"error": "BindException: Cannot assign requested address"},
    "exited": {"status": 1, "signal": None, "last": "KeyError: 'ana'"},
    "exited-early": {"status": -11, "signal": "SIGSEGV", "last": None},
    "did-not-stop": {"signal": "SIGTERM"},
    "still-listens": {"port": 5000},
    "no-server": {"looked_for": ["server.py", "server.c"]},
    "build-failed": {"command": "make", "status": 2, "last": "make: *** Error 1"},
    "timed-out": {"seconds": 120},
    "agent-killed": {},
    "worker-ended": {"signal": "SIGKILL", "status": None},
    "not-alone": {},
    "reference-ended": {},
    "grading-ended": {"what": "alice"},
    "cluster-gone": {},
    "workers-end": {},
    "worker-hung": {"seconds": 600},
    "which-server": {"files": ["a.py", "b.py"], "lines": ["run: python3 a.py <port>", "run: python3 b.py <port>"]},
    "bad-submission-yaml": {"why": "mapping values are not allowed here"},
    "limit-memory": {"used": 2100, "most": 2048},
    "limit-processes": {"used": 512, "most": 512},
    "limit-files": {"used": 1024, "most": 1024},
    "limit-file-size": {"used": 32, "most": 32},
    "limit-disk": {"used": 256, "most": 256},
    "limit-entries": {"used": 60_000, "most": 50_000},
    "limit-seconds": {},
    "limit-output": {"used": 2000, "most": 64},
    "left-open": {"count": 2, "of": 3, "checks": 2},
    "left-outlived": {"count": 1, "checks": 1},
    "left-busy": {"spent": 310, "checks": 3},
    "left-out-link": {"files": ["notes"], "count": 1},
    "left-out-odd": {"files": ["pipe", "socket"], "count": 2},
    "left-out-much": {"files": ["core"], "count": 1},
    "left-out-deep": {"files": ["a/b/c"], "count": 1},
    "too-early": {"who": ["ana"], "text": "heartbeat", "took": 97, "least": 400},
    "too-late": {"who": ["ana"], "text": "heartbeat", "took": 970, "most": 700},
    "no-tls": {"who": ["ana"], "got": "hola", "alert": None, "certificate": None},
    "broken-tls": {"who": ["ana"], "got": "hola"},
    "broken-tls-ended": {"who": ["ana"], "got": "hola"},
    "no-handshake": {"who": ["ana"], "got": "HTTP/1.1 404 Not Found"},
    "broken-too-long": {"who": ["ana"], "got": "\\xff\\xff", "length": 2**63, "limit": 4 << 20},
    "broken-long-line": {"who": ["ana"], "got": "xxxx", "limit": 512},
    "broken-endless": {"who": ["ana"], "got": "xxxx", "limit": 4 << 20},
    "broken-length": {"who": ["ana"], "got": "hola"},
    "broken-json": {"who": ["ana"], "got": "hola"},
    "broken-deep": {"who": ["ana"], "got": "1 1 1", "limit": 64},
    "broken-kind": {"who": ["ana"], "got": "hola"},
    "broken-message": {"who": ["ana"], "got": "\\x99"},
    "broken-frame": {"who": ["ana"], "got": "\\x81\\x85"},
    "broken-unended": {"who": ["ana"], "got": "\\0\\x05ho"},
    "echo": {"who": ["ana"], "got": "ana: hola", "count": 3},
    "two-notices": {"who": ["ana"], "about": "beto", "count": 2},
    "command-passed-on": {"who": ["ana", "beto"], "got": ["caro: /baila"]},
    "two-welcomes": {"who": ["ana"], "got": ["welcome ana"]},
    "reference-differs": {"who": ["ana"], "after": "ana > /who", "text": "* here: ana", "got": "here: ana"},
    "reference-got-more": {"who": ["ana"], "after": "ana > /who", "text": "* here: ana"},
    "reference-got-less": {"who": ["ana"], "after": "ana > hola", "text": "ok"},
    "before-welcome": {"who": ["ana"], "got": ["beto: hola"]},
    "line-end": {"who": ["ana"], "got": "hola\\r", "count": 2},
    "lost": {"who": ["ana"], "about": "beto", "count": 3, "of": 200},
    "doubled": {"who": ["ana"], "got": "beto: hola", "count": 1},
    "sent-twice": {"who": ["ana"], "got": "data block=2", "count": 2},
    "torn": {"who": ["ana"], "got": ["beto: ho", "la"]},
    "invented": {"who": ["ana"], "got": ["nobody: hola"]},
    "other-order": {"who": ["caro"], "other": "beto", "first": "dos", "then": "uno"},
    "keeps-processes": {"clients": 20, "before": 1, "after": 21},
    "keeps-threads": {"clients": 20, "before": 2, "after": 22},
    "keeps-files": {"clients": 20, "before": 5, "after": 25},
    "keeps-ended": {"clients": 20, "before": 0, "after": 20},
    "spins": {"percent": 99},
    "slow-answers": {"percent": 50, "took": 101.5, "reference": 0.3, "times": 5},
    "reordered": {"who": ["ana"], "about": "beto", "first": "dos", "then": "uno"},
    "one-at-a-time": {"who": ["ana"], "waiting": ["beto"]},
    "handshake-in-accept-loop": {"who": ["ana"], "waiting": ["beto"]},
    "held-up-by-one": {"who": ["ana"], "waiting": ["beto"]},
    "recv-is-a-line": {"who": ["ana"], "sent": "ho", "got": "ana: ho"},
    "one-line-per-recv": {"who": ["ana"], "sent": "uno\ndos\n", "got": "ana: uno"},
    "reset-kills-clean-up": {
        "who": ["ana"],
        "error": "ConnectionResetError: reset",
        "line": 30,
        "text": "* ana left",
    },
    "leave-only-on-command": {"who": ["ana"], "command": "/quit", "text": "* ana left"},
    "leave-never-announced": {"who": ["ana"], "text": "* ana left"},
    "never-closes": {"who": ["ana"]},
    "deadlock": {"first": "Thread-1", "second": "Thread-2", "lock": "a", "other": "b", "line": 9, "taken": None},
    "lock-taken-twice": {"first": "Thread-1", "lock": "self.lock", "line": 9, "taken": 4},
    "lock-kept": {"who": ["ana"], "lock": "lock", "taken": 4, "thread": "Thread-1"},
    "slow-reader-blocks": {"who": ["ana"], "waiting": ["beto", "caro"], "lock": "lock"},
    "busy-loop": {"who": ["ana"]},
    "descriptor-leak": {"clients": 1, "connected": 12},
    "thread-leak": {"clients": 0, "connected": 1},
    "error-swallowed": {"error": "TypeError: no", "line": 81, "handler": 87},
    "waits-for-input": {"prompt": "Port: "},
    "port-hard-coded": {"port": 5000, "listening": 8080, "file": "server.py", "line": 12},
    "python-2": {"error": "SyntaxError: Missing parentheses in call to 'print'"},
    "missing-module": {"module": "flask"},
    "syntax-error": {"error": "SyntaxError: invalid syntax"},
    "port-still-held": {"port": 5000},
    "crashed": {"signal": "SIGSEGV", "last": None},
    "ended-by-sigpipe": {"who": ["ana"]},
    "ended-by-error": {"error": "KeyError: 'ana'", "line": 12},
    "error-came-up": {"error": "KeyError: 'ana'", "line": 12, "who": ["ana"]},
    "passed-when-repeated": {"attempts": 2},
    "no-time": {"seconds": 120},
    "not-as-asked": {"text": "7 is no prime"},
    "python-broke": {"what": "NameError: primes (primes.py, line 3)"},
    "tier": {"took": 1.2, "most": 0.5, "points": 10.0},
    "too-slow": {"took": 12.5, "most": 3.0},
    "reference-failed": {},
    "no-tool": {"tool": "javac"},
    "no-sandbox": {"why": "no user namespaces"},
    "grader-error": {"what": "the agent did not answer"},
    "broke-off": {},
    "overslept": {},
    "interrupted": {},
    "talks": {
        "asked": "NICK",
        "hello": ["<name>"],
        "said": "<text>",
        "line": 1,
        "heard": "<name>: <text>",
        "echo": 1,
        "joined": "<name> joined",
        "left": "<name> left",
        "quit": "/quit",
    },
    "too-few-logins": {"wanted": 5, "known": 2},
    "talks-written": {"hello": ["<name>"], "said": "<text>", "length": 1, "heard": "<name>: <text>", "quit": "/quit"},
    "instead-module": {"module": "flask"},
    "instead-database": {"module": "pymongo"},
    "instead-keeps": {"answers": "ERR"},
    "instead-udp": {"port": 6000},
    "instead-operator": {"first": "quirino", "second": "wilfredo"},
    "instead-one-client": {"first": "quirino", "second": "wilfredo"},
    "instead-websocket": {"answers": "HTTP/1.1 101 Switching Protocols"},
    "instead-http": {"answers": "HTTP/1.0 200 OK"},
    "instead-tls": {"bytes": "16 03 03 00 7a"},
    "instead-echo": {"said": "kw1x7q"},
    "instead-encrypted": {"said": "kw1x7q", "got": "GBJSClIF"},
    "instead-refuses": {"said": "quirino", "answers": "no"},
    **{f"instead-{what}": {"error": "OSError: no"} for what in INSTEAD},
}
# Why a message does not fit, with the facts that the matching gives.
WHY = {
    "differs": {"at": 3, "expected": "a", "found": "e"},
    "case": {"at": 0, "expected": "hola", "found": "Hola"},
    "spaces": {"at": 0, "expected": "a b", "found": "a  b"},
    "ends-early": {"at": 4, "expected": " ana", "found": ""},
    "goes-on": {"at": 4, "expected": "", "found": "!"},
    "word": {"at": 2, "expected": "<name>", "found": "ñu", "name": "name"},
    "lacks": {"at": 0, "expected": "ana", "found": "hola"},
    "too-long": {"at": 0, "length": 70_000, "limit": 65_536},
    "number": {"at": 0, "expected": "5..10", "found": "12"},
    "set": {"at": 0, "missing": ["ana", "beto"], "extra": ["caro"], "found": "caro"},
    "not": {"at": 0, "found": "hacked"},
    "python": {"at": 0, "expected": "<python own.py:is_prime>", "found": "9", "said": "9 is 3 times 3"},
    "kind": {"expected": "ticket", "found": "error"},
    "field": {"name": "speed", "expected": "8000", "found": "800"},
    "no-field": {"name": "user.id"},
    "value": {"name": "", "expected": "[2]", "found": "7"},
    "json": {"found": "hola"},
    "deep": {"limit": 64},
}
CLI = (
    "usage-missing-folder",
    "spec-missing",
    "spec-unreadable",
    "not-a-folder",
    "interrupted",
    "page-at",
    "first-to-fix",
    "grading",
    "points-of",
    "no-spec-found",
    "unreadable-file",
    "cannot-write",
    "class-planned",
    "class-again",
    "class-progress",
    "class-graded",
    "class-page",
    "class-interrupted",
    "class-in-weak-sandbox",
    "class-locked",
    "empty-class",
    "unknown-check",
    "bad-submission-yaml",
    "serving",
    "one-grade-a-file",
    "unknown-format",
    "two-on-stdout",
    "format-with-list",
    "results-unreadable",
    "no-results",
    "written",
    "incomplete-grade",
    "roster-missing",
    "roster-no-list",
    "roster-unknown",
    "roster-ambiguous",
    "roster-twice",
    "two-lists",
    "other-total",
    "not-from-canvas",
    "which-column",
    "not-a-worksheet",
    "diff-one",
    "diff-is-text",
    "diff-other-student",
    "sandbox-too-weak",
    "weak-sandbox",
)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_sentence_can_be_read(lang):
    for key, template in catalog(lang).items():
        assert read(template) or key == "evidence.none", key


@pytest.mark.parametrize("lang", [x for x in LANGUAGES if x != "en"])
def test_the_languages_have_the_same_sentences_with_the_same_facts(lang):
    english, other = catalog("en"), catalog(lang)
    assert sorted(english) == sorted(other)
    for key in english:
        assert facts_in(read(english[key])) == facts_in(read(other[key])), key


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_sentence_is_empty(lang):
    assert [k for k, v in catalog(lang).items() if not v] == ["evidence.none"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_code_of_the_catalog_has_sample_facts_and_both_sentences(lang):
    codes = {k.split(".")[1] for k in catalog(lang) if k.startswith("finding.")}
    assert codes == {*FACTS, "unknown"}
    for code in codes:
        assert Sentences(lang).has(f"finding.{code}.one"), code
        assert Sentences(lang).has(f"finding.{code}.happened"), code


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("code", FACTS)
@pytest.mark.parametrize("names", [["ana"], ["ana", "beto"], ["ana", "beto", "caro", "dora", "eva", "fito"]])
def test_every_code_reads_as_a_sentence(lang, code, names):
    facts = {k: names if k == "who" else v for k, v in FACTS[code].items()}
    for part in ("one", "happened", "where"):
        said = Sentences(lang).of_finding(code, part, facts)
        if part == "where" and not said:
            continue
        assert re.fullmatch(r"[A-ZÁÉÍÓÚÑ«“0-9].*[.”»]", said), said
        assert not re.search(r"[{}\[\]?|]|  | [.,]|\bNone\b", said), said


NEVER_BEHIND_LOST_POINTS = re.compile(
    "came-again|talks|too-few|left-out-|limit-output|passed-when|reference-failed|no-(tool|sandbox|time)|grader-error"
    "|broke-off|overslept|interrupted"
    "|worker|not-alone|reference-ended|grading-ended|cluster-gone|unknown|python-broke"
)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_code_that_can_stand_behind_lost_points_can_be_said_in_a_few_words(lang):
    """`brief` is what the page of a class counts: the server is the subject that is not said, and no fact is named."""
    codes = {key.split(".")[1] for key in catalog(lang) if key.startswith("finding.")}
    lacking = [c for c in sorted(codes) if f"finding.{c}.brief" not in catalog(lang)]
    assert [c for c in lacking if not NEVER_BEHIND_LOST_POINTS.match(c)] == []
    said = [v for key, v in catalog(lang).items() if key.endswith(".brief")]
    assert [s for s in said if len(s) > 62 or s.endswith(".") or "{" in s or "your" in s.lower().split()] == []
    assert len(set(said)) == len(said)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_reason_has_a_sentence(lang):
    assert {k.split(".")[1] for k in catalog(lang) if k.startswith("misfit.")} == set(WHY)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("why", WHY)
def test_a_reason_reads_as_a_sentence_behind_what_happened(lang, why):
    facts = {**FACTS["came-instead"], "why": why, **WHY[why]}
    said = Sentences(lang).of_finding("came-instead", "happened", facts)
    plain = Sentences(lang).of_finding("came-instead", "happened", FACTS["came-instead"])
    assert said.startswith(f"{plain} ")
    assert re.fullmatch(r"[A-ZÁÉÍÓÚÑ«“0-9].*[.”»]", said[len(plain) + 1 :])
    assert not re.search(r"[{}\[\]?|]|  | [.,]|\bNone\b", said.replace("[2]", "")), said


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("code", FACTS)
def test_a_missing_fact_never_fails(lang, code):
    for part in ("one", "happened", "where"):
        assert "None" not in Sentences(lang).of_finding(code, part, {})


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_command_line_has_its_sentences(lang):
    for key in CLI:
        assert Sentences(lang).has(f"cli.{key}"), key


def test_every_refusal_that_is_raised_has_its_sentence():
    raised = set()
    for path in REPORT.parent.rglob("*.py"):
        raised |= set(re.findall(r"UsageError\(\s*\"([a-z-]+)\"", path.read_text()))
    assert len(raised) > 25
    assert sorted(k for k in raised if not {f"cli.{k}", f"prove.{k}"} & set(catalog("en"))) == []


def test_every_sentence_that_the_report_asks_for_exists():
    asked = set()
    for path in [*REPORT.rglob("*.py"), *REPORT.glob("templates/*.j2")]:
        asked |= set(re.findall(r"say\(\s*\"([a-z]+\.[a-z.-]+)\"", path.read_text()))
    assert len(asked) > 60
    assert sorted(k for k in asked if k not in catalog("en")) == []


@pytest.mark.parametrize(
    ("lang", "names", "said"),
    [
        ("en", [], ""),
        ("en", ["ana"], "ana"),
        ("en", ["ana", "beto"], "ana and beto"),
        ("en", ["ana", "beto", "caro"], "ana, beto and caro"),
        ("en", ["a", "b", "c", "d"], "a, b and 2 more"),
        ("es", ["ana", "beto", "caro"], "ana, beto y caro"),
        ("es", ["ana", "Inés"], "ana e Inés"),
        ("es", ["ana", "hielo"], "ana y hielo"),
        ("es", ["a", "b", "c", "d"], "a, b y 2 más"),
    ],
)
def test_lists_of_names(lang, names, said):
    assert Sentences(lang).names(names) == said


@pytest.mark.parametrize(
    ("template", "facts", "said"),
    [
        ("{who}", {}, "?"),
        ("{Who} left", {"who": ["ana", "beto"]}, "Ana and beto left"),
        ("{n#one|{n} many}", {"n": 1}, "one"),
        ("{n#one|{n} many}", {"n": 3}, "3 many"),
        ("{n#one|{n} many}", {"n": ["x", "y"]}, "x and y many"),
        ("{n#one|many}", {}, "one"),
        ("a[ b {x}| c {y}].", {"y": 0}, "a c 0."),
        ("a[ b {x}| c {y}].", {"x": "", "y": None}, "a."),
        ("{got:quoted}", {"got": ["a", "b"]}, "“a” and “b”"),
        ("{files:or}", {"files": ["a", "b"]}, "a or b"),
        ("{files}", {"files": ["a", "b", "c", "d"]}, "a, b and 2 more"),
        ("{files:all}", {"files": ["a", "b", "c", "d"]}, "a, b, c and d"),
        ("{t}", {"t": 1.5}, "1.5"),
        ("{t}", {"t": "ab " * 40}, "ab " * 26 + "a…"),
        ("{t}", {"t": "x" * 100}, "x" * 11 + "…"),
        ("{t}", {"t": "ana: 12 " + "x" * 100}, "ana: 12 " + "x" * 11 + "…"),
        ("{t:whole}", {"t": "x" * 100}, "x" * 100),
        ("{t}", {"t": "a\nb\x1b[31m\u202ec"}, "a\\nb\\x1b[31m\\u202ec"),
        ("{t}", {"t": "{who.__class__} %s {0}"}, "{who.__class__} %s {0}"),
    ],
)
def test_what_a_template_says(template, facts, said):
    assert Sentences("en")._fill(read(template), facts) == said


@pytest.mark.parametrize("template", ["{", "{a.b}", "{a[0]}", "{a!r}", "{a#b}", "[a", "a]b{", "{a#b|c"])
def test_a_template_that_does_not_close_or_looks_inside_is_refused(template):
    with pytest.raises(ValueError, match=r"."):
        read(template)


def test_numbers_follow_the_language():
    assert Sentences("es").number(7.5) == "7,5"
    assert Sentences("en").number(7.0) == "7"
    assert Sentences("en").number(100) == "100"
    assert Sentences("es").clock(0.0314) == "0,031"


def test_an_unknown_code_and_an_unknown_key_are_said_so():
    assert "“novel”" in Sentences("en").of_finding("novel", "happened", {})
    assert Sentences("en").of_finding("novel", "where", {}) == ""
    assert Sentences("en").say("no.such.key") == "‹no.such.key›"


def test_an_unknown_language_speaks_english():
    assert Sentences("xx").lang == "en"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_ideas_are_three_to_five_sentences(lang):
    for idea in ("server", "client", "socket", "host", "port", "thread"):
        text = Sentences(lang).say(f"idea.{idea}.text")
        assert 3 <= len(re.findall(r"[.](?:\s|$)", text)) <= 5, text
        assert Sentences(lang).has(f"idea.{idea}.image")


# ------------------------------------------------------------------------------------------- what the code may ask for


def called(*names: str) -> list[tuple[str, ast.Call]]:
    """Every call of these in the grader that names a code, with the code."""
    found = []
    for path in sorted(REPORT.parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in names:
                code = node.args[1] if "Breach" in names else node.args[0] if node.args else None
                if isinstance(code, ast.Constant) and isinstance(code.value, str):
                    found.append((code.value, node))
    return found


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_code_that_the_grader_raises_has_its_sentences(lang):
    codes = {code for code, _ in (*called("Finding", "Cause", "HarnessError"), *called("Breach"))}
    assert len(codes) > 12
    missing = [
        c for c in sorted(codes) for part in ("one", "happened") if not Sentences(lang).has(f"finding.{c}.{part}")
    ]
    assert missing == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_notice_of_a_class_has_its_sentence(lang):
    codes = {code for code, _ in called("Notice")}
    assert len(codes) > 4
    assert [c for c in sorted(codes) if not Sentences(lang).has(f"notice.{c}")] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_facts_that_a_sentence_cannot_do_without_are_given(lang):
    checked = 0
    for code, call in called("Finding"):
        facts = call.args[1] if len(call.args) > 1 else ast.Dict([], [])
        if not isinstance(facts, ast.Dict) or not all(isinstance(k, ast.Constant) for k in facts.keys):
            continue
        given = {k.value for k in facts.keys}
        for part in ("one", "happened", "where"):
            template = catalog(lang).get(f"finding.{code}.{part}", "")
            always = facts_in(tuple(p for p in read(template) if not isinstance(p, Either)))
            assert always <= given | {"code"}, (code, part)
            checked += 1
    assert checked > 6


def ways(parts) -> set[tuple[str, str]]:
    """How each fact is shown: quoted, whole, as a title."""
    found = set()
    for part in parts:
        if isinstance(part, Slot):
            found.add((part.name, part.way))
        elif isinstance(part, Plural):
            found |= ways(part.one) | ways(part.many)
        elif isinstance(part, Either):
            found |= {way for alternative in part.alternatives for way in ways(alternative)}
    return found


@pytest.mark.parametrize("lang", [x for x in LANGUAGES if x != "en"])
def test_what_is_quoted_in_one_language_is_quoted_in_the_other(lang):
    special = ("quoted", "title", "whole", "or", "all")
    for key, template in catalog("en").items():
        english, other = ({w for w in ways(read(t)) if w[1] in special} for t in (template, catalog(lang)[key]))
        assert english == other, key


def choices(parts) -> list[Either]:
    found = []
    for part in parts:
        if isinstance(part, Either):
            found += [part, *(c for alternative in part.alternatives for c in choices(alternative))]
        elif isinstance(part, Plural):
            found += choices(part.one) + choices(part.many)
    return found


@pytest.mark.parametrize("lang", LANGUAGES)
def test_brackets_hold_what_depends_on_a_fact_and_are_never_meant_to_be_read(lang):
    for key, template in catalog(lang).items():
        if key.startswith("grammar."):
            continue  # patterns, not sentences
        for choice in choices(read(template)):
            assert any(facts_in(alternative) for alternative in choice.alternatives), (key, template)

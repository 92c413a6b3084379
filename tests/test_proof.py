"""Proving a spec: correct servers must lose nothing, faulty ones what they name, and every check must catch something.

Both directions are shown on a spec of a few lines with small servers: one set that proves it, and one in which each kind
of fault stands once and is said by name.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pexpect
import pytest
from needs import needs

from grader.cli.matrix import ending, matrix, sentence
from grader.course.proof import Proof, Told, Trial, fell
from grader.course.proving import WAYS, laid_out
from grader.errors import SpecError
from grader.model import Evidence, Finding, Outcome
from grader.spec.load import load
from grader.spec.proof import COMMENTS, KnownServer, known_servers, listed_paths
from grader.stage import staging
from grader.words import LANGUAGES, Sentences

HERE = Path(__file__).parent.parent
SPEC = """\
title: Relay
server: {run: python3 server.py <port>}
reference: {folder: reference, run: python3 relay.py <port>}
proof:
  good: good
  bad: [bad]
checks:
  - {id: listens, points: 1, play: server (listens)}
  - {id: relay, points: 5, needs: listens, leftovers: allowed, clients: [ana, beto], play: "ana > hola\\nbeto < hola\\n"}
  - {id: no-echo, points: 2, needs: relay, clients: [ana, beto], play: "ana > hola\\nbeto < hola\\nana (nothing)\\n"}
  - {id: crash, points: 2, needs: relay, leftovers: allowed, clients: [ana, beto, caro], play: "ana (crashes)\\nbeto > hola\\ncaro < hola\\n"}
"""
RELAY = """\
import socket, sys, threading

here, clients = threading.Lock(), []


def pass_on(line, author):
    for other in clients:
        if other is not author:
            try:
                other.sendall(line)
            except OSError:
                pass  # it has gone, which its own thread finds out


def serve(sock):
    try:
        for line in sock.makefile("rb"):
            with here:
                pass_on(line, sock)
    except OSError:
        pass
    with here:
        clients.remove(sock)


server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    newcomer, _ = server.accept()
    with here:
        clients.append(newcomer)
    threading.Thread(target=serve, args=(newcomer,), daemon=True).start()
"""
ECHO = RELAY.replace("if other is not author:", "if True:")
FRAGILE = RELAY.replace("clients.remove(sock)", "import os; os._exit(3)")
MUTE = RELAY.replace("other.sendall(line)", "pass")
ELSEWHERE = RELAY.replace('(("127.0.0.1", int(sys.argv[1])))', '(("::1", int(sys.argv[1])), family=socket.AF_INET6)')
DEAF = "import threading\nthreading.Event().wait()\n"


def bad(bug, loses, source, *more):
    return "".join(f"# {line}\n" for line in (f"Bug: {bug}", f"Loses: {loses}", *more)) + source


def good(style, source):
    return f"# Good: {style}\n{source}"


PROVED = {
    "good/threads.py": good("A thread a client.", RELAY),
    "bad/echo.py": bad("It echoes.", "no-echo", ECHO),
    "bad/fragile.py": bad("A crash ends it.", "crash", FRAGILE, "Race: yes"),
    "bad/mute.py": bad("It passes nothing on.", "relay", MUTE),
    "bad/deaf.py": bad("It does not listen.", "listens", DEAF),
    "bad/elsewhere.py": bad("It listens where nobody calls.", "relay", ELSEWHERE),
}
NOT_PROVED = {
    "reference/relay.py": ECHO,
    "good/threads.py": good("A thread a client.", RELAY),
    "good/quick.py": good("Somebody thought so.", FRAGILE),
    "bad/harmless.py": bad("Nobody finds it.", "no-echo", RELAY),
    "bad/echo.py": bad("It echoes.", "relay, no-echo", ECHO),
    "bad/mute.py": bad("It passes nothing on.", "relay", MUTE),
}


def laid(folder, files, spec=SPEC):
    """A course with these files; returns the path of its spec."""
    for name, text in {"reference/relay.py": RELAY, **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "spec.yaml").write_text(spec, encoding="utf-8")
    return folder / "spec.yaml"


def prove(spec, *options, lang="en", **environment):
    argv = [sys.executable, "-m", "grader", "prove", str(spec), "--lang", lang, *options]
    kept = {key: value for key, value in os.environ.items() if key != "GRADER_ALL"}
    return subprocess.run(argv, capture_output=True, text=True, cwd=HERE, check=False, env=kept | environment)


# -- for real ---------------------------------------------------------------------------------------------------------


def test_a_spec_that_tells_right_from_wrong_is_proved(tmp_path):
    done = prove(laid(tmp_path, PROVED), "--out", str(tmp_path / "out"), "--runs", "2")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "2 correct servers lose nothing. 5 faulty servers lose just what they name." in done.stdout
    assert "Each of the 4 checks catches something. The spec is proved, by 2 runs" in done.stdout
    assert "14 of 14" in done.stdout
    rows = {line.split()[1]: line.split()[2:] for line in done.stdout.splitlines() if line.startswith("✓")}
    assert rows["deaf"] == ["listens", "(+", "3", "more", "not", "run)"]
    assert rows["fragile"] == ["crash", "(by", "a", "race)"]
    assert rows["relay"] == ["2", "elsewhere", "and", "mute"]
    written = json.loads((tmp_path / "out" / "proof.json").read_text(encoding="utf-8"))
    assert (written["proved"], written["faults"]) == (True, [])
    assert written["checks"] == {
        "listens": ["deaf"],
        "relay": ["elsewhere", "mute"],
        "no-echo": ["echo"],
        "crash": ["fragile"],
    }
    trials = {server["name"]: server["trials"] for server in written["servers"]}
    assert [len(several) for several in trials.values()] == [2] * 7
    assert trials["echo"][0]["checks"]["no-echo"]["finding"]["code"] == "came-unasked"


def test_each_kind_of_fault_is_said_by_name(tmp_path):
    done = prove(laid(tmp_path, NOT_PROVED))
    assert done.returncode == 1
    found = done.stdout.split("What is wrong:\n")[1].splitlines()
    assert [line for line in found if line.startswith("✗")] == [
        "✗ The reference fails the check no-echo.",
        "✗ quick is a correct server, and loses crash.",
        "✗ harmless is a faulty server, and loses nothing; it names no-echo.",
        "✗ echo loses no-echo, and names relay, no-echo.",
        "✗ The check listens catches nothing: no faulty server loses it.",
        "✗ The check crash catches nothing: no faulty server loses it.",
    ]
    assert "    crash: Your server ended in the middle of the check." in found
    assert found[-1] == "The spec is not proved: there are 6 faults."
    assert not (tmp_path / "out").exists()


def test_one_server_alone_says_nothing_about_checks(tmp_path):
    done = prove(laid(tmp_path, NOT_PROVED), "--only", "mute", "-j", "1", lang="es")
    assert done.returncode == 0, done.stdout
    assert "1 de 1  mute  relay (+ 2 más sin hacer)" in done.stdout
    assert "reference" not in done.stdout
    assert "Un servidor defectuoso pierde justo lo que nombra" in done.stdout


def test_servers_of_other_languages_are_built(tmp_path):
    needs("gcc", "node")
    files = {
        "good/epoll.c": f"// Good: C.\n{(HERE / 'tests' / 'servers' / 'relay_epoll.c').read_text(encoding='utf-8')}",
        "good/events.js": f"// Good: Node.\n{(HERE / 'tests' / 'servers' / 'relay.js').read_text(encoding='utf-8')}",
    }
    done = prove(laid(tmp_path, files, SPEC.replace("  bad: [bad]\n", "")))
    assert done.returncode == 0, done.stdout
    assert "3 correct servers lose nothing." in done.stdout


def test_a_server_whose_compiler_is_missing_is_left_out_and_said_so(tmp_path):
    files = {
        **PROVED,
        "bad/rare/submission.yaml": "build: compiler-of-nobody\nrun: ./server <port>\n",
    }
    spec = SPEC.replace("bad: [bad]", "bad: [bad, {server: bad/rare, loses: relay}]")
    done = prove(laid(tmp_path, files, spec))
    assert done.returncode == 0, done.stdout
    assert "left out: compiler-of-nobody is not installed" in done.stdout
    assert "One server was left out." in done.stdout
    strict = prove(tmp_path / "spec.yaml", "--only", "rare", GRADER_ALL="1")
    assert strict.returncode == 1
    assert "✗ rare was left out, because compiler-of-nobody is not installed." in strict.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_leaves_nothing_behind(number, tmp_path):
    laid(tmp_path, PROVED)
    temporary = Path(tempfile.mkdtemp(dir="/tmp"))  # whoever the servers run as must be able to enter
    temporary.chmod(0o755)
    environment = {**os.environ, "TMPDIR": str(temporary), "TERM": "xterm", "COLUMNS": "100", "LANG": "C.UTF-8"}
    argv = ["-m", "grader", "prove", str(tmp_path / "spec.yaml"), "--runs", "50", "--lang", "en"]
    child = pexpect.spawn(sys.executable, argv, cwd=str(HERE), env=environment, timeout=50)
    child.expect(r" [2-9]/350")
    child.kill(number)
    child.expect("Interrupted")
    child.expect(pexpect.EOF)
    child.wait()
    assert child.exitstatus == 130
    assert list(temporary.iterdir()) == []
    temporary.rmdir()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--only", "ecko"], "The spec lists no server called ecko. The nearest is echo."),
        (["--only", "nobody-at-all"], "The spec lists no server called nobody-at-all."),
    ],
)
def test_a_server_that_is_not_listed(options, said, tmp_path):
    done = prove(laid(tmp_path, PROVED), *options)
    assert (done.returncode, done.stderr.strip(), done.stdout) == (2, said, "")


def test_a_spec_without_servers(tmp_path):
    spec = laid(tmp_path, {}, SPEC.replace("proof:\n  good: good\n  bad: [bad]\n", ""))
    done = prove(spec)
    assert done.returncode == 2
    assert done.stderr.strip() == f"{spec} lists no servers under `proof:`, so there is nothing to prove it with."


def test_grading_needs_none_of_the_servers(tmp_path):
    """Whoever is given the spec and the reference alone can grade with them."""
    assert len(load(laid(tmp_path, {})).proof) == 2


def test_the_servers_beside_the_reference_are_no_part_of_it(tmp_path):
    """They would be copied afresh for every check, and one could read there what the checks look for."""
    spec = load(
        laid(
            tmp_path,
            {f"reference/{name}": text for name, text in PROVED.items()},
            SPEC.replace("good: good", "good: reference/good").replace("[bad]", "[reference/bad]"),
        )
    )
    assert [len(known_servers(spec)), len(spec.proof)] == [7, 2]
    staged, copied = staging.stage(Path(spec.reference_folder), listed_paths(spec))
    try:
        assert (copied.files, sorted(os.listdir(staged.submission))) == (1, ["relay.py"])
    finally:
        staging.remove(staged)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_the_course_is_proved(tmp_path):
    """Every correct server in full, every faulty one in what it names, and no check that catches nothing."""
    done = prove(HERE / "specs" / "chat.yaml", "--out", str(tmp_path), **dict(os.environ))
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    written = json.loads((tmp_path / "proof.json").read_text(encoding="utf-8"))
    assert sum(server["good"] for server in written["servers"]) > 12
    assert all(written["checks"].values())


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("rung", ["full", "namespaces", "limits"])
def test_two_threads_a_client_are_not_too_many_on_any_rung(rung, tmp_path):
    """The reference, with as many, runs at the same time; where both are one user to the kernel, it counts them together."""
    needs(*{"full": ["bwrap"], "namespaces": ["unshare"]}.get(rung, []))
    folder = tmp_path / "ana"
    folder.mkdir()
    (folder / "server.py").write_bytes((HERE / "reference" / "variants" / "threads-queue.py").read_bytes())
    argv = [
        sys.executable,
        "-m",
        "grader",
        str(folder),
        "--spec",
        "specs/chat.yaml",
        "--only",
        "crowd",
        "--sandbox",
        rung,
    ]
    done = subprocess.run([*argv, "--out", str(tmp_path)], capture_output=True, text=True, cwd=HERE, check=False)
    results = json.loads((tmp_path / "ana" / "results.json").read_text(encoding="utf-8"))
    (verdict,) = [v for v in results["verdicts"] if v["check"] == "crowd"]
    assert verdict["outcome"] == "passed", done.stdout


# -- what stands in a spec and in a server ----------------------------------------------------------------------------


def complaints(spec):
    with pytest.raises(SpecError) as caught:
        known_servers(load(spec))
    folder = f"{spec.parent}/"
    return [f"{str(c.place).removeprefix(folder)}: {c.message} {c.hint}".rstrip() for c in caught.value.complaints]


IN_SPEC = {
    "unknown key": ("good: good", "goood: good", "spec.yaml:5:3: The proof has no key 'goood'. The nearest is 'good'."),
    "no path": ("good: good", "good: god", "spec.yaml:5:9: There is no file or folder 'god'. It is looked for from the folder of the spec."),
    "empty folder": ("good: good", "good: empty", "spec.yaml:5:9: There is no server in 'empty'. A server is a file that ends in .py, .c, .java, .js, or a folder such as a submission."),
    "no list of texts": ("good: good", "good: {a: b}", "spec.yaml:5:9: `good` is a text. Put it in quotes if it has brackets or braces."),
    "another language": ("good: good", "good: empty/notes.md", "spec.yaml:5:9: Nobody knows how 'notes.md' is started. A single file ends in .py, .c, .java, .js; anything else needs a folder with a submission.yaml."),
    "twice": ("bad: [bad]", "bad: [bad, bad/echo.py]", "spec.yaml:6:14: 'echo.py' is listed twice. Name it once."),
    "no loss": ("bad: [bad]", "bad: [student]", "spec.yaml:6:9: Which checks does this server lose? Write {server: student, loses: [listens]}."),
    "loss of a folder": ("bad: [bad]", "bad: [{server: bad, loses: relay}]", "spec.yaml:6:18: `loses` is said of one server, and this is a folder of servers. Name one file."),
    "unknown check": ("bad: [bad]", "bad: [{server: bad/echo.py, loses: [no-eco]}]", "spec.yaml:6:39: No check is called 'no-eco'. The nearest is 'no-echo'."),
    "no server": ("bad: [bad]", "bad: [{loses: relay}]", "spec.yaml:6:9: A bad server needs `server`."),
}  # fmt: skip


@pytest.mark.parametrize("case", IN_SPEC)
def test_what_is_wrong_in_the_spec_is_said_where_it_stands(case, tmp_path):
    old, new, said = IN_SPEC[case]
    more = {"empty/notes.md": "nothing", "student/server.py": RELAY}
    assert complaints(laid(tmp_path, PROVED | more, SPEC.replace(old, new))) == [said]


IN_SERVER = {
    "no bug": ("bad/x.py", RELAY, ["bad/x.py:1:1: The first line of a bad server names its bug. Write `# Bug: …`.", "bad/x.py:2:1: A bad server names the checks that it loses. Write `# Loses: listens`."]),
    "no losses": ("bad/x.c", "// Bug: One.\nint x;\n", ["bad/x.c:2:1: A bad server names the checks that it loses. Write `// Loses: listens`."]),
    "empty losses": ("bad/x.py", bad("One.", " ", RELAY), ["bad/x.py:2:1: A bad server names the checks that it loses. Write `# Loses: listens`."]),
    "unknown check": ("bad/x.py", bad("One.", "relay, crahs", RELAY), ["bad/x.py:2:17: No check is called 'crahs'. The nearest is 'crash'."]),
    "no race": ("bad/x.js", "// Bug: One.\n// Loses: relay\n// Race: perhaps\n", ["bad/x.js:3:10: `Race:` is yes or no."]),
    "a bad server as a good one": ("good/x.py", bad("One.", "relay", RELAY), ["good/x.py:1:1: `Bug:` does not belong to a good server.", "good/x.py:2:1: `Loses:` does not belong to a good server."]),
    "a good server as a bad one": ("bad/x.py", good("One.", RELAY), ["bad/x.py:1:1: The first line of a bad server names its bug. Write `# Bug: …`.", "bad/x.py:1:1: `Good:` does not belong to a bad server.", "bad/x.py:2:1: A bad server names the checks that it loses. Write `# Loses: listens`."]),
}  # fmt: skip


@pytest.mark.parametrize("case", IN_SERVER)
def test_what_is_wrong_in_a_server_is_said_where_it_stands(case, tmp_path):
    name, text, said = IN_SERVER[case]
    assert sorted(complaints(laid(tmp_path, PROVED | {name: text}))) == said


def test_what_servers_say_of_themselves(tmp_path):
    files = PROVED | {"student/server.py": RELAY, "good/echo.js": "// Good: Another language.\n"}
    bad_ones = "bad: [bad, {server: student, loses: [crash, crash]}]"
    reference, *servers = known_servers(load(laid(tmp_path, files, SPEC.replace("bad: [bad]", bad_ones))))
    assert (reference.name, reference.good, reference.is_reference) == ("reference", True, True)
    assert [(s.name, s.good, s.says, s.loses, s.race) for s in servers] == [
        ("echo.js", True, "Another language.", (), False),
        ("threads", True, "A thread a client.", (), False),
        ("deaf", False, "It does not listen.", ("listens",), False),
        ("echo.py", False, "It echoes.", ("no-echo",), False),
        ("elsewhere", False, "It listens where nobody calls.", ("relay",), False),
        ("fragile", False, "A crash ends it.", ("crash",), True),
        ("mute", False, "It passes nothing on.", ("relay",), False),
        ("student", False, "", ("crash",), False),
    ]


@pytest.mark.parametrize("suffix", COMMENTS)
def test_a_single_file_is_started_like_a_submission(suffix, tmp_path):
    spec = load(laid(tmp_path, {}))
    path = tmp_path / f"one{suffix}"
    path.write_text("text", encoding="utf-8")
    made = laid_out(KnownServer("one", path, good=True), spec, tmp_path / "made")
    names = {file.name for file in made.iterdir()}
    name, command = WAYS[suffix]
    # The spec's own command names server.py, so it needs nothing beside it.
    assert names == ({name} if suffix == ".py" else {name, "submission.yaml"})
    if suffix != ".py":
        written = (made / "submission.yaml").read_text(encoding="utf-8")
        assert f'run: "{command.run}"' in written
        assert (f'build: "{command.build}"' in written) == bool(command.build)


def test_a_file_takes_the_name_that_the_specs_own_command_gives_it(tmp_path):
    spec = SPEC.replace("{run: python3 server.py <port>}", "{run: ./relay <port>, build: gcc -o relay relay.c}")
    loaded = load(laid(tmp_path, {"one.c": "", "two.py": ""}, spec))
    for name, there in (("one.c", {"relay.c"}), ("two.py", {"server.py", "submission.yaml"})):
        made = laid_out(KnownServer("x", tmp_path / name, good=True), loaded, tmp_path / f"made-{name}")
        assert {file.name for file in made.iterdir()} == there


# -- values -----------------------------------------------------------------------------------------------------------

FINDING = Finding("exited", {"status": 3})


def trial(server, number, **outcomes):
    told = {
        check.replace("_", "-"): Told(outcome, Evidence.SEEN, 0.1, None if outcome is Outcome.PASSED else FINDING)
        for check, outcome in outcomes.items()
    }
    return Trial(server, number, 7, told=told)


P, F, U, B, G = Outcome.PASSED, Outcome.FAILED, Outcome.UNSTEADY, Outcome.BLOCKED, Outcome.GRADER_PROBLEM


@pytest.fixture
def spec(tmp_path):
    return load(laid(tmp_path, {}))


def faults(spec, server, *trials, **more):
    return [sentence(fault, Sentences("en")) for fault in Proof(spec, (server,), trials, whole=False, **more).faults]


def faulty(*loses):
    return KnownServer("it", Path("it.py"), good=False, loses=loses)


@pytest.mark.parametrize(
    ("loses", "outcomes", "said"),
    [
        (("relay",), {"relay": F, "crash": B}, []),
        (("relay", "crash"), {"relay": F, "crash": B}, []),
        (("relay",), {"relay": U}, []),
        (("relay",), {"relay": F, "crash": F}, ["it loses relay, crash, and names relay."]),
        (("relay", "crash"), {"relay": F, "crash": P}, ["it loses relay, and names relay, crash."]),
        (("crash",), {"relay": F, "crash": P}, ["it loses relay, and names crash."]),
        (("relay",), {"relay": P}, ["it is a faulty server, and loses nothing; it names relay."]),
        (("relay",), {"relay": F, "crash": G}, ["it could not be tried in crash."]),
    ],
)
def test_a_faulty_server_loses_what_it_names_and_nothing_else(loses, outcomes, said, spec):
    assert faults(spec, faulty(*loses), trial("it", 0, **outcomes)) == said


def test_what_differs_from_run_to_run_is_said_with_both_sets(spec):
    trials = [trial("it", n, relay=F if n else P, no_echo=F) for n in range(3)]
    (said,) = faults(spec, faulty("relay", "no-echo"), *trials)
    assert said == (
        "it does not lose the same in each of 3 runs, but relay, no-echo ×2; no-echo ×1; it names relay, no-echo."
    )
    assert faults(spec, faulty("relay", "no-echo"), *trials[1:]) == []


def test_a_correct_server_that_loses_once_in_many_runs(spec):
    server = KnownServer("it", Path("it.py"), good=True)
    trials = [trial("it", n, relay=F if n == 3 else P, crash=B if n == 3 else P) for n in range(20)]
    assert faults(spec, server, *trials) == ["it is a correct server, and loses relay, crash in 1 of 20 runs."]
    assert faults(spec, server, *trials[:3]) == []


def test_a_server_that_brings_the_grader_to_fall_is_named(spec):
    (said,) = faults(spec, faulty("relay"), fell("it", 0, spec, Finding("grader-error", {"what": "OSError: no"})))
    assert said == "it could not be tried in listens, relay, no-echo, crash."


def test_a_check_that_only_a_server_without_its_compiler_could_lose_is_not_called_blind(spec):
    rare = faulty("listens", "relay", "crash")
    echo = KnownServer("echo", Path("echo.py"), good=False, loses=("no-echo",))
    told = (Trial("it", 0, 7, lacking="javac"), trial("echo", 0, no_echo=F))
    assert Proof(spec, (rare, echo), told).faults == ()
    codes = [fault.code for fault in Proof(spec, (rare, echo), told, strict=True).faults]
    assert codes == ["left-out"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_proof_reads_in_every_language(lang, spec):
    servers = (
        KnownServer("reference", Path(), good=True, is_reference=True),
        KnownServer("fine", Path(), good=True),
        KnownServer("rare", Path(), good=True),
        KnownServer("harmless", Path(), good=False, loses=("relay",)),
        KnownServer("other", Path(), good=False, loses=("relay",)),
        KnownServer("sometimes", Path(), good=False, loses=("relay",), race=True),
    )
    trials = (
        trial("reference", 0, relay=F),
        trial("fine", 0, relay=F, crash=G),
        Trial("rare", 0, 7, lacking="javac"),
        trial("harmless", 0, relay=P),
        trial("other", 0, crash=F),
        trial("sometimes", 0, relay=P),
        trial("sometimes", 1, relay=F),
    )
    proof = Proof(spec, servers, trials, strict=True)
    say = Sentences(lang)
    text = "\n".join((*matrix(proof, say), *ending(proof, say, 12.3)))
    assert len({fault.code for fault in proof.faults}) == 8
    assert not set("‹›{}") & set(text), text
    assert "?" not in text.replace("×", "")

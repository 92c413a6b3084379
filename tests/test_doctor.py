"""What helps against a refusal, by the words in which it came; and what `grade doctor` and `--require-sandbox` say."""

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import rung_called

from grader.errors import UsageError
from grader.stage import boot, sandbox, staging
from grader.stage.advice import KNOWN, Machine, advice, this_machine
from grader.stage.rungs import RUNGS
from grader.stage.sandbox import Choice
from grader.words import LANGUAGES
from grader.words.sentences import catalog

ROOT = Path(__file__).parent.parent
NO_PERMISSION = "bwrap: No permissions to create new namespace, likely because the kernel does not allow non-privileged user namespaces."
UID_MAP = "bwrap: setting up uid map: Permission denied"
LOOPBACK = "bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted"
UNSHARE = "unshare: unshare failed: Operation not permitted"
UNSHARE_UBUNTU = "unshare: write failed /proc/self/uid_map: Operation not permitted"
UBUNTU, DOCKER, GITHUB = Machine(apparmor=True), Machine(container=True), Machine(github=True, apparmor=True)
PROFILE = ("ubuntu-profile", "ubuntu-switch")


@pytest.mark.parametrize(
    ("refusal", "machine", "words"),
    [
        (UID_MAP, UBUNTU, PROFILE),
        (UID_MAP, Machine(), PROFILE),
        (LOOPBACK, UBUNTU, PROFILE),
        (UNSHARE_UBUNTU, UBUNTU, PROFILE),
        (UID_MAP, GITHUB, ("github",)),
        (LOOPBACK, GITHUB, ("github",)),
        (NO_PERMISSION, DOCKER, ("docker",)),
        (UNSHARE, DOCKER, ("docker",)),
        ("bwrap: Can't mount proc on /newroot/proc: Operation not permitted", DOCKER, ("docker",)),
        (UID_MAP, Machine(container=True, github=True), ("docker",)),
        (NO_PERMISSION, Machine(userns_for_root=True), ("userns-debian",)),
        (NO_PERMISSION, Machine(userns_off=True), ("userns-off",)),
        ("bwrap: Creating new namespace failed: nesting depth or /proc/sys/user/max_*_namespaces exceeded (ENOSPC)", Machine(), ("userns-off",)),
        ("unshare: unshare failed: No space left on device", Machine(), ("userns-off",)),
        ("bwrap: Unknown option --disable-userns", Machine(), ("newer-bubblewrap",)),
        ("bwrap is not installed", UBUNTU, ("install-bubblewrap",)),
        ("unshare is not installed", UBUNTU, ("install-unshare",)),
        ("can't start /bin/sh: [Errno 95] landlock: Operation not supported", Machine(), ("newer-kernel",)),
        ("can't start /bin/sh: [Errno 38] landlock: Function not implemented", DOCKER, ("newer-kernel",)),
        ("can't start /bin/sh: [Errno 1] landlock: Operation not permitted", DOCKER, ("docker",)),
        ("something that nobody has seen yet", UBUNTU, ("ask",)),
    ],
)  # fmt: skip
def test_each_refusal_has_its_advice(refusal, machine, words):
    assert advice(refusal, machine) == words


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_advice_and_every_gap_has_its_sentence(lang):
    words = {w for _, _, several in KNOWN for w in several} | {"ask"}
    assert words <= {k.removeprefix("doctor.advice.") for k in catalog(lang) if k.startswith("doctor.advice.")}
    gaps = {k.removeprefix("doctor.gap.") for k in catalog(lang) if k.startswith("doctor.gap.")}
    assert gaps == {"ports", "udp", "tcp", "signals", "files", "calls"}


def test_what_a_machine_says_about_itself(tmp_path):
    for name, value in (("kernel/apparmor_restrict_unprivileged_userns", 1), ("user/max_user_namespaces", 0)):
        path = tmp_path / "proc/sys" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{value}\n")
    (tmp_path / ".dockerenv").touch()
    told = this_machine({"GITHUB_ACTIONS": "true"}, tmp_path)
    assert (told.apparmor, told.userns_off, told.container, told.github) == (True, True, True, True)
    bare = this_machine({}, tmp_path / "nothing")
    assert (bare.apparmor, bare.userns_off, bare.container, bare.github) == (False, False, False, False)


def grade(*argv):
    command = [sys.executable, "-m", "grader", *argv]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)


@pytest.mark.parametrize(
    ("lang", "title"), [("en", "The sandbox on this machine"), ("es", "El aislamiento en esta máquina")]
)
def test_the_doctor_tries_every_rung(lang, title):
    done = grade("doctor", "--lang", lang)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(title)
    lines = done.stdout.splitlines()
    assert [line.split()[1] for line in lines if line[:1] in ("✓", "✗")] == list(RUNGS)
    assert "‹" not in done.stdout
    assert [line for line in lines if line != line.rstrip()] == []


def test_the_doctor_says_why_and_what_to_do_where_namespaces_are_refused():
    """A real machine without them: a filter like that of a container's stands before the grader."""
    code = (
        "import sys; sys.path[:0] = ['tests']\n"
        "from without_namespaces import give_up_namespaces\ngive_up_namespaces()\n"
        "from grader.cli.main import run\nsys.exit(run(['doctor', '--lang', 'en']))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    signs = {line.split()[1]: line[0] for line in done.stdout.splitlines() if line[:1] in ("✓", "✗")}
    assert (signs["full"], signs["namespaces"], signs["limits"]) == ("✗", "✗", "✓")
    assert "How to get full" in done.stdout
    assert "No permissions to create new namespace" in done.stdout or "not installed" in done.stdout


@pytest.mark.parametrize(("used", "least", "refused"), [("limits", "landlock", True), ("limits", "limits", False)])
def test_a_weaker_sandbox_than_required_is_refused(used, least, refused):
    probe = staging.empty_staging()
    try:
        if not refused:
            assert isinstance(sandbox.choose(probe, used, least), Choice)
            return
        with pytest.raises(UsageError) as caught:
            sandbox.choose(probe, used, least)
        assert (caught.value.code, caught.value.facts["least"]) == ("sandbox-too-weak", least)
    finally:
        staging.remove(probe)


def test_the_command_line_refuses_in_one_sentence_before_any_server_starts(tmp_path):
    done = grade(
        "submissions/bruno", "--sandbox", "limits", "--require-sandbox", "full", "--out", str(tmp_path), "--lang", "en"
    )
    assert done.returncode == 2
    assert done.stderr == (
        "This machine gives no better sandbox than limits, and full is asked for. `grade doctor` says how to get a better one.\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_rung_that_does_not_hold_what_it_promises_is_refused(monkeypatch):
    """It promises that only named files can be read, and then all of them are named: the proof reads one."""
    rung = rung_called("landlock")
    probe = staging.empty_staging()
    try:
        assert sandbox.refused(rung, probe) is None
        monkeypatch.setattr(boot, "READ", ("/",))
        assert sandbox.refused(rung, probe) == "files of this machine can be read"
    finally:
        staging.remove(probe)

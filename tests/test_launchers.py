"""Every way in which a server comes to its port: a correct server is found and driven, a faulty one is told what is wrong."""

import json
from dataclasses import replace

import pytest
from plays import PORT, SEED, codes, relay

from grader.conduct.performers import conduct
from grader.course.attempts import verdict
from grader.course.causes import causes
from grader.errors import SpecError
from grader.judge.verdict import judge
from grader.model import Attempt, Command, Outcome
from grader.spec.load import load
from grader.stage.addresses import make_local
from grader.stage.launchers import prepared
from grader.stage.launching import LAUNCHERS

LISTENS = relay("server (listens)\nana > hola\nana < hola", "ana")
RUN = "python3 launched.py"
INI = {"settings/server.ini": "[server]\nport = <port>\n"}
TWO = relay(
    "ana (connects)\nana < first\nbeto (connects to port2)\nbeto < second\ncaro (joins to port2)\ncaro < second"
)
GIVEN = {
    "argument": Command(f"{RUN} argument <port>"),
    "host and port": Command(f"{RUN} argument <host> <port>"),
    "in the middle": Command(f"{RUN} flag --port <port> --quick"),
    "environment": Command(f"{RUN} environment", env={"CHAT_ADDRESS": "<host>:<port>"}),
    "file": Command(f"{RUN} file", files=INI),
    "asks": Command(f"{RUN} asks", stdin=(("Address? ", "<host>"), ("Port? ", "<port>"))),
    "typed at once": Command(f"{RUN} asks", stdin=(("", "<host>"), ("", "<port>"))),
    "fixed": Command(f"{RUN} fixed", port=5555),
    "found": Command(f"{RUN} fixed", any_port=True),
    "printed": Command(f"{RUN} prints", printed="Listening on port <port>"),
}
HOSTS = ("127.0.0.1", "0.0.0.0", "::", "hostname")
ELSEWHERE = ("127.0.1.1", "192.168.1.10", "10.20.30.40", "::1")
WRONG = {
    "another argument": (Command(f"{RUN} fixed"), "wrong-port"),
    "another fixed port": (Command(f"{RUN} fixed", port=6000), "wrong-port"),
    "no file": (Command(f"{RUN} file"), "exited-early"),
    "no variable": (Command(f"{RUN} environment"), "exited-early"),
    "asks in other words": (
        Command(f"{RUN} asks-late", stdin=(("Address? ", "<host>"), ("Port? ", "<port>"))),
        "never-listens",
    ),
    "prints nothing": (Command(f"{RUN} mumbles", printed="Listening on port <port>"), "port-not-printed"),
    "prints another": (Command(f"{RUN} lies", printed="Listening on port <port>"), "other-port-printed"),
}


def played(stand, command, case=LISTENS):
    if command.host != "127.0.0.1":
        make_local(stand.box)
    argv = command.run.split()
    told = conduct(case.check, case.spec, stand.box, argv, PORT, seed=SEED, subject="submission", command=command)
    return judge(case.check, case.spec, told)


@pytest.mark.parametrize("name", GIVEN)
def test_the_port_comes_to_the_server_or_the_clients_to_the_port(stand, name):
    judged = played(stand, GIVEN[name])
    assert (judged.outcome, codes(judged.findings)) == (Outcome.PASSED, [])


@pytest.mark.parametrize("host", HOSTS)
def test_clients_call_the_loopback_address_wherever_that_is_bound(stand, host):
    assert played(stand, Command(f"{RUN} at {host} <port>")).outcome is Outcome.PASSED


@pytest.mark.parametrize("host", [*HOSTS, *ELSEWHERE])
def test_where_the_spec_lets_them_clients_call_where_the_server_listens(stand, host):
    assert played(stand, Command(f"{RUN} at {host} <port>", host="any")).outcome is Outcome.PASSED


def test_an_address_of_a_local_network_is_told_to_the_server_and_called(stand):
    judged = played(stand, Command(f"{RUN} at <host> <port>", host="192.168.7.7"))
    assert judged.outcome is Outcome.PASSED
    assert judged.transcript.server.argv[-2:] == ("192.168.7.7", str(PORT))


@pytest.mark.parametrize("name", WRONG)
def test_a_server_that_does_not_come_to_its_port_is_told_so(stand, name):
    command, code = WRONG[name]
    judged = played(stand, command)
    assert (judged.outcome, codes(judged.findings)[0]) == (Outcome.FAILED, code)


@pytest.mark.parametrize(("where", "cause"), [("127.0.1.1", "other-address"), ("192.0.2.77", "address-not-here")])
def test_a_server_at_an_address_where_nobody_calls_is_told_its_address(stand, where, cause):
    judged = played(stand, Command(f"{RUN} at {where} <port>"))
    attempt = Attempt(judged.outcome, judged.evidence, 0.0, judged.findings, (), judged.transcript)
    assert [c.code for c in causes([verdict(LISTENS.check, [attempt], None)])] == [cause]


def test_several_ports_are_told_and_all_of_them_are_waited_for(stand):
    judged = played(stand, Command(f"{RUN} two <port> <port2>"), TWO)
    assert judged.outcome is Outcome.PASSED
    assert judged.transcript.server.argv[-2:] == (str(PORT), str(PORT + 1))


def test_a_port_that_is_not_opened_refuses_who_calls_there(stand):
    judged = played(stand, Command(f"{RUN} argument <port2> <port>"), relay("ana (connects)\nbeto (connects to port2)"))
    assert codes(judged.findings) == ["refused"]


def test_every_launcher_is_used_by_some_command_of_this_test():
    used = {way for c in GIVEN.values() for way in prepared(c, c.run.split(), range(PORT, PORT + 9), "/work").ways}
    assert used == set(LAUNCHERS)


# -- as a spec words it -----------------------------------------------------------------------------------------------


@pytest.fixture
def written(tmp_path):
    def write(**server):
        spec = {
            "title": "T",
            "server": {"run": "python3 server.py", **server},
            "reference": {"folder": ".", "run": "python3 server.py <port>"},
            "checks": [{"id": "it", "points": 1, "play": "server (listens)"}],
        }
        (tmp_path / "spec.yaml").write_text(json.dumps(spec))
        return load(tmp_path / "spec.yaml").server

    return write


def test_a_spec_says_how_the_port_is_told(written):
    plain = Command("python3 server.py")
    assert written(env={"PORT": "<port>"}) == replace(plain, env={"PORT": "<port>"})
    assert written(files={"a.ini": "p=<port>"}) == replace(plain, files={"a.ini": "p=<port>"})
    assert written(stdin="<port>") == replace(plain, stdin=(("", "<port>"),))
    assert written(stdin={"Port: ": "<port>"}) == replace(plain, stdin=(("Port: ", "<port>"),))
    assert written(port=5555) == written(port="fixed 5555") == replace(plain, port=5555)
    assert written(port="any", host="any") == replace(plain, any_port=True, host="any")
    assert written(port="printed Port: <port>") == replace(plain, printed="Port: <port>")
    assert written(run="x <port> <port2>", own_start=False) == Command("x <port> <port2>", own_start=False)


MISTAKES = {
    "does not say where the port goes": {},
    "no port from 1024": {"port": "80"},
    "says no port": {"port": "printed Listening"},
    "is no address": {"host": "localhost"},
    "is not a variable's name": {"env": {"MY PORT": "<port>"}},
    "is not a name for a file": {"files": {"../server.ini": "<port>"}},
    "is a map": {"env": ["<port>"]},
    "<prot> is unknown": {"run": "python3 server.py <prot>"},
    "<port3> needs <port2>": {"run": "python3 server.py <port> <port3>"},
}


@pytest.mark.parametrize("said", MISTAKES)
def test_what_makes_no_sense_is_complained_of(written, said):
    with pytest.raises(SpecError, match=said):
        written(**MISTAKES[said])

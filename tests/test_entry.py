"""How a submission's server is found and started: one way is taken, several are a question, none is a finding."""

import pytest
import yaml
from needs import needs

from grader.course.entry import find, looks_like_a_class
from grader.course.ways import WAYS
from grader.errors import HarnessError, UsageError
from grader.model import Command
from grader.stage import sandbox, staging
from grader.stage.box import Box
from grader.stage.build import build, need_program

SPEC = Command("python3 server.py <port>")
LISTENS = "import socket\nsocket.create_server(('', 5000))\n"
JAVA = """package {package};
public class {name} {{ public static void main(String[] a) throws Exception {{ {body} }} }}
"""
C = """#include <stdio.h>
int helper(void);
int main(void) {{ /* listen(3, 5) */ printf("{}%d\\n", helper()); return 0; }}
"""
FOUND = {
    "the spec's own": ({"server.py": "", "main.py": LISTENS}, "python3 server.py <port>"),
    "a usual name": ({"servidor.py": "", "util.py": ""}, "python3 servidor.py <port>"),
    "in front of what lies below": (
        {"chat_server.py": LISTENS, "old/Server.java": JAVA.format(package="x", name="Server", body=""), "old/try.py": LISTENS},
        "python3 chat_server.py <port>",
    ),
    "a part of another": (
        {"main.py": "from chat_server import run\nrun()\n", "chat_server.py": LISTENS},
        "python3 main.py <port>",
    ),
    "the one that opens a port": ({"ejercicio3.py": LISTENS, "cliente.py": "import socket\n"}, "python3 ejercicio3.py <port>"),
    "in a folder of its own": ({"src/server.py": LISTENS, "src/cliente.py": ""}, "python3 src/server.py <port>"),
    "a package of Java": (
        {"chat/Server.java": JAVA.format(package="chat", name="Server", body="new java.net.ServerSocket(1);"),
         "chat/Client.java": JAVA.format(package="chat", name="Client", body="new java.net.Socket();")},
        "java -cp classes chat.Server <port>",
    ),
    "a Makefile": ({"Makefile": "BIN = chatd\n$(BIN): chatd.c\n\tgcc -o $(BIN) chatd.c\n", "chatd.c": ""}, "./chatd <port>"),
    "a Makefile without names": ({"Makefile": "server: server.o\nclean:\n\trm -f server\n", "server.c": ""}, "./server <port>"),
    "two programs, one a server": (
        {"Makefile": "all: server client\nserver: s.c\n\tcc -o server s.c\nclient: c.c\n\tcc -o client c.c\n"},
        "./server <port>",
    ),
    "C": ({"chat.c": C.format(""), "list.c": "int helper(void) { return 1; }", "client.c": "int main() {}"}, "./server <port>"),
    "package.json": ({"package.json": '{"main": "src/index.js"}', "src/index.js": ""}, "node src/index.js <port>"),
    "a start script": ({"package.json": '{"scripts": {"start": "node --no-warnings chat.js"}}', "chat.js": ""}, "node --no-warnings chat.js <port>"),
    "Cargo.toml": ({"Cargo.toml": '[package]\nname = "chat"\n', "src/main.rs": ""}, "./target/release/chat <port>"),
    "go.mod": ({"go.mod": "module chat\n", "main.go": "package main\nfunc main() {}\n"}, "./server <port>"),
    "JavaScript": ({"chat.js": "require('net').createServer()", "cliente.js": "require('net')"}, "node chat.js <port>"),
}  # fmt: skip
ASKED = {
    "two of them": ({"servidor.py": LISTENS, "main.py": LISTENS}, ["main.py", "servidor.py"]),
    "two languages": ({"servidor.py": LISTENS, "Server.java": JAVA.format(package="x", name="Server", body="")}, ["servidor.py", "Server.java"]),
    "two crates": ({"Cargo.toml": '[[bin]]\nname = "a"\n[[bin]]\nname = "b"\n'}, ["Cargo.toml (a)", "Cargo.toml (b)"]),
}  # fmt: skip


def laid(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text)
    return folder


@pytest.mark.parametrize("name", FOUND)
def test_one_way_is_taken(tmp_path, name):
    files, run = FOUND[name]
    assert find(laid(tmp_path, files), SPEC).command.run == run


@pytest.mark.parametrize("name", ASKED)
def test_several_are_one_question_with_its_answers(tmp_path, name):
    files, named = ASKED[name]
    with pytest.raises(UsageError) as asked:
        find(laid(tmp_path, files), SPEC)
    assert (asked.value.code, asked.value.facts["files"]) == ("which-server", named)
    for line in asked.value.facts["lines"]:
        (tmp_path / "submission.yaml").write_text(f"{line}\n")
        command = find(tmp_path, SPEC).command
        assert yaml.safe_load(line) == {"run": command.run, **({"build": command.build} if command.build else {})}


def test_a_file_with_an_odd_name_is_a_line_that_yaml_reads_as_it_is_meant(tmp_path):
    opens = "import socket\nsocket.create_server(('', 0))\n"
    with pytest.raises(UsageError) as asked:
        find(laid(tmp_path, {"one: #1 {.py": opens, "two.py": opens}), SPEC)
    odd, plain = asked.value.facts["lines"]
    assert (yaml.safe_load(odd)["run"], plain) == ("python3 'one: #1 {.py' <port>", "run: python3 two.py <port>")


def test_what_has_to_be_built_is_said_with_its_build(tmp_path):
    main = "public class {} {{ public static void main(String[] a) {{ new java.net.ServerSocket(1); }} }}"
    with pytest.raises(UsageError) as asked:
        find(laid(tmp_path, {f"{name}.java": main.format(name) for name in ("Uno", "Dos")}), SPEC)
    assert all("javac" in yaml.safe_load(line)["build"] for line in asked.value.facts["lines"])


@pytest.mark.parametrize(
    "files", [{}, {"notes.txt": ""}, {"cliente.py": "import socket"}, {"package.json": "{"}, {"Cargo.toml": "["}]
)
def test_a_folder_without_a_server_is_a_finding(tmp_path, files):
    entry = find(laid(tmp_path, files), SPEC)
    assert entry.command is None
    assert "server.py" in entry.looked_for


@pytest.mark.parametrize(
    ("asked", "files", "run"),
    [
        ("python3.12 server.py <port>", {"servidor.py": ""}, "python3.12 servidor.py <port>"),
        ("python3.12 server.py <port>", {"server.py": "", "servidor.py": ""}, "python3.12 server.py <port>"),
        ("/opt/pypy/bin/pypy3 server.py <port>", {"main.py": LISTENS}, "/opt/pypy/bin/pypy3 main.py <port>"),
        ("python3.12 server.py <port>", {"submission.yaml": "run: python x.py <port>"}, "python3.12 x.py <port>"),
        ("python3.12 server.py <port>", {"submission.yaml": "run: ./python 1"}, "./python 1"),
        ("./server <port>", {"submission.yaml": "run: python3 x.py <port>"}, "python3 x.py <port>"),
    ],
)
def test_the_interpreter_of_python_is_the_spec_s(tmp_path, asked, files, run):
    assert find(laid(tmp_path, files), Command(asked)).command.run == run


def test_a_submission_says_itself_how_it_is_started_where_the_spec_lets_it(tmp_path):
    laid(tmp_path, {"submission.yaml": "run: ./chat <port>\nbuild: make", "servidor.py": LISTENS})
    assert find(tmp_path, Command("x.py <port>", env={"A": "b"})).command == Command(
        "./chat <port>", "make", env={"A": "b"}
    )
    assert find(tmp_path, Command("python3 x.py <port>", own_start=False)).command is None


def test_the_arguments_of_the_spec_go_to_whatever_is_found(tmp_path):
    laid(tmp_path, {"servidor.py": LISTENS})
    found = find(tmp_path, Command("python3 server.py --port <port> -v", port=5555)).command
    assert found == Command("python3 servidor.py --port <port> -v", port=5555)


def test_a_class_is_told_from_a_submission(tmp_path):
    for name in ("ana", "beto"):
        laid(tmp_path / name, {"src/Chat.java": JAVA.format(package="x", name="Chat", body="new ServerSocket(1);")})
    assert looks_like_a_class(tmp_path, SPEC)
    laid(tmp_path / "project", {"server/server.js": "createServer()", "client/client.js": "", "client/ui.js": ""})
    assert not looks_like_a_class(tmp_path / "project", SPEC)


# -- built ------------------------------------------------------------------------------------------------------------

BUILT = {
    "make": ({"Makefile": "chatd: chatd.c list.c\n\tgcc -o $@ $^\n", "chatd.c": C.format("made "), "list.c": "int helper(void) { return 1; }"}, "made 1"),
    "gcc": ({"chat.c": C.format("compiled "), "list.c": "int helper(void) { return 2; }"}, "compiled 2"),
    "g++": ({"chat.cpp": "#include <iostream>\nint main(int c, char **v) { /* listen( */ std::cout << v[1]; }"}, "<port>"),
    "javac": ({"a/b/Servidor.java": JAVA.format(package="a.b", name="Servidor", body="System.out.println(a[0]);")}, "<port>"),
    "npm": ({"package.json": '{"name": "chat", "version": "1.0.0", "main": "s.js", "dependencies": {"greeting": "file:greeting"}}',
             "s.js": "console.log(require('greeting'))", "greeting/package.json": '{"name": "greeting", "version": "1.0.0"}',
             "greeting/index.js": "module.exports = 'hola'"}, "hola"),
}  # fmt: skip
BROKEN = {
    "make": ({"Makefile": "chatd: chatd.c\n\tgcc -o $@ $^\n", "chatd.c": "int main( {"}, "chatd.c:1:11: error"),
    "javac": ({"Server.java": JAVA.format(package="x", name="Server", body="int a = ;")}, "illegal start of expression"),
    "npm": ({"package.json": '{"name": "chat", "version": "1.0.0", "main": "s.js", "dependencies": {"left-pad": "1.3.0"}}', "s.js": ""}, "ENOTCACHED"),
}  # fmt: skip


def built(folder, then=None):
    command = find(folder, SPEC).command
    needs(command.build.split()[0])
    staged, _ = staging.stage(folder)
    try:
        rung = sandbox.choose(staged).rung
        made = build(command.build, rung, staged)
        if made.status or then is None:
            return made
        with Box(rung, staged) as box:
            return then(box, *command.run.split()).ends().strip()
    finally:
        staging.remove(staged)


@pytest.mark.parametrize("tool", [pytest.param(t, marks=pytest.mark.long if t == "npm" else ()) for t in BUILT])
def test_what_is_found_is_built_without_network_and_runs(tmp_path, run, tool):
    files, says = BUILT[tool]
    assert built(laid(tmp_path, files), run) == says


@pytest.mark.parametrize("tool", [pytest.param(t, marks=() if t == "make" else pytest.mark.long) for t in BROKEN])
def test_a_build_that_fails_is_told_with_its_log(tmp_path, tool):
    files, said = BROKEN[tool]
    made = built(laid(tmp_path, files))
    assert made.status != 0
    assert said in made.log


def test_a_tool_that_is_missing_here_is_no_fault_of_the_student(tmp_path):
    with pytest.raises(HarnessError) as problem:
        need_program("CGO_ENABLED=0 no-such-tool build")
    assert problem.value.facts == {"tool": "no-such-tool"}


def test_there_is_a_way_for_each_language():
    assert len(WAYS) == len({name for name, _ in WAYS}) == 9

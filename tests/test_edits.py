"""What was edited since the last grading, and which checks that can affect first."""

from __future__ import annotations

from dataclasses import replace

import pytest
from class_rooms import laid_out
from report_samples import grade

from grader.course.affected import order
from grader.course.edits import Place, edit, files_of
from grader.model import Finding, Grade, Outcome, SourceSpot, Verdict
from grader.spec.load import load

PYTHON = '''import socket

LIMIT = 20  # names


def broadcast(sender, text):
    for user in everybody:
        user.push(text)


class User:
    def push(self, text):
        self.conn.sendall(text + "\\n")

    def leave(self):
        """Say so."""
        broadcast(self, f"* {self.name} left")
'''
JAVA = """import java.net.*;

public class Server {
    static void broadcast(User sender, String text) {
        for (User user : everybody) {
            user.push(text);
        }
    }

    void leave() {
        broadcast(this, "* " + name + " left");
    }
}
"""
C = """#include <stdio.h>

static void push(int conn, const char *text)
{
    write(conn, text, strlen(text));
}

int main(void) {
    puts("up");
}
"""


def edited(name, text, old, new, **others):
    assert old in text
    more = {other: data.encode() for other, data in others.items()}
    return edit({**more, name: text.encode()}, {**more, name: text.replace(old, new).encode()})


@pytest.mark.parametrize(
    ("name", "text", "old", "new", "place"),
    [
        ("server.py", PYTHON, "user.push(text)", "user.push(text, 1)", Place("server.py", 6, 8, "broadcast")),
        ("server.py", PYTHON, "Say so.", "Say it.", Place("server.py", 15, 17, "leave")),
        ("server.py", PYTHON, "LIMIT = 20", "LIMIT = 30", Place("server.py", 3, 3)),
        ("Server.java", JAVA, "user.push(text)", "user.tell(text)", Place("Server.java", 4, 8, "broadcast")),
        ("Server.java", JAVA, "this, ", "null, ", Place("Server.java", 10, 12, "leave")),
        ("server.c", C, '"up"', '"Up"', Place("server.c", 8, 10, "main")),
    ],
)
def test_an_edit_is_known_by_the_function_around_it(name, text, old, new, place):
    assert edited(name, text, old, new).places == (place,)


def test_the_texts_of_the_edited_lines_are_its_words():
    assert edited("server.py", PYTHON, "{self.name} left", "{self.name} has gone").words == {"left", "has gone"}
    assert edited("server.py", PYTHON, "user.push(text)", "user.tell(text)").words == set()


@pytest.mark.parametrize(
    ("name", "text", "old", "new", "others", "idle"),
    [
        ("server.py", PYTHON, "# names", "# how long a name may be\n", {}, True),
        ("server.py", PYTHON, "Say so.", "Say it.", {}, False),  # the program can read what it says of itself
        ("server.py", PYTHON, "20", "20 +", {}, False),  # no program any more
        ("Server.java", JAVA, "public class", "// all\npublic class", {}, True),
        ("Server.java", JAVA, '"* "', '"// "', {}, False),
        ("README.md", "read", "read", "write", {"server.py": PYTHON}, True),
        ("motd.txt", "hi", "hi", "ho", {"server.py": PYTHON + "open('motd.txt')"}, False),
        ("motd.txt", "hi", "hi", "ho", {"server.py": PYTHON + "os.listdir('.')"}, False),
        ("motd.txt", "hi", "hi", "ho", {"server.py": PYTHON, "submission.yaml": "run: cat motd.txt"}, False),
        ("submission.yaml", "run: a", "a", "b", {"server.py": PYTHON}, False),
        ("motd.txt", "hi", "hi", "ho", {}, False),  # nobody knows what the program is
    ],
)
def test_what_the_program_does_cannot_depend_on_comments_and_on_files_that_it_does_not_name(
    name, text, old, new, others, idle
):
    assert edited(name, text, old, new, **others).idle == ((name,) if idle else ())


def test_what_is_new_and_what_is_gone_is_an_edit(tmp_path):
    (tmp_path / "a.py").write_text("a = 1\n", encoding="utf-8")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "index").write_text("x", encoding="utf-8")
    old = files_of(tmp_path)
    assert set(old) == {"a.py"}
    (tmp_path / "a.py").rename(tmp_path / "b.py")
    assert edit(old, files_of(tmp_path)).files == ("a.py", "b.py")
    assert edit(old, files_of(tmp_path)).idle == ()


# -- which checks -----------------------------------------------------------------------------------------------------

MANY = """
  - {id: who, title: Who is there, points: 5, clients: [ana], play: "ana > /who\\nana < * here: ana\\n"}
  - {id: away, title: Away, points: 5, clients: [ana], play: "ana > /away\\n"}
  - {id: secret, title: Hidden, points: 5, hidden: true, clients: [ana], play: "ana > /secret\\n"}
"""


@pytest.fixture
def spec(tmp_path):
    laid_out(tmp_path)
    path = tmp_path / "spec.yaml"
    path.write_text(path.read_text(encoding="utf-8").rstrip() + MANY, encoding="utf-8")
    return load(path)


def before(spec, **failed: int | None) -> Grade:
    """A grade in which some checks failed, each at a line of `server.py`."""
    verdicts = []
    for check in spec.checks:
        name = check.id.replace("-", "_")
        line = failed.get(name)
        where = SourceSpot("server.py", line) if line else None
        findings = (Finding("never-came", {}, (), where),) if name in failed else ()
        outcome = Outcome.FAILED if name in failed else Outcome.PASSED
        verdicts.append(Verdict(check, outcome, 0.0, findings=findings))
    return grade("beto", verdicts)


IN_PUSH = ('self.conn.sendall(text + "\\n")', "self.conn.send(text)")


def test_checks_that_did_not_pass_come_first_with_those_that_they_need(spec):
    assert order(spec, before(spec, no_echo=None), None).first == ("starts", "broadcast", "no-echo")
    assert order(spec, before(spec), None).first == ()
    assert order(spec, None, None).first == ()


def test_a_check_whose_failing_line_lies_in_the_edited_function_comes_before_the_other_failed_ones(spec):
    push = edited("server.py", PYTHON, *IN_PUSH)
    plan = order(spec, before(spec, broadcast=7, who=13), push)
    assert plan.affected == ("who",)
    assert plan.first == ("who", "starts", "broadcast")
    elsewhere = edited("server.py", PYTHON, "{self.name} left", "{self.name} gone")
    assert order(spec, before(spec, broadcast=7, who=13), elsewhere).affected == ()


def test_a_check_with_a_text_of_the_edited_lines_comes_early_the_failed_one_first(spec):
    text = 'def react(line):\n    if line == "/away" or line == "/who": pass\n'
    react = edited("server.py", text, "pass", "return")
    assert order(spec, before(spec, away=None), react).affected == ("away", "who")


def test_a_text_that_most_checks_have_says_nothing(spec):
    text = 'def react(line):\n    if line == "hola": pass\n'
    few = replace(spec, checks=spec.checks[1:4])  # of these three, two say it
    assert order(spec, before(spec), edited("server.py", text, "pass", "return")).affected == ("broadcast", "no-echo")
    assert order(few, before(few), edited("server.py", text, "pass", "return")).affected == ()


def test_it_is_not_told_which_lines_a_hidden_check_is_about(spec):
    text = 'def react(line):\n    if line == "/secret": pass\n'
    react = edited("server.py", text, "pass", "return")
    assert order(spec, before(spec), react, staff=False).affected == ()
    assert order(spec, before(spec), react, staff=True).affected == ("secret",)

"""Servers that have to be built, by what a real project has: found in the folder, built in the sandbox, and graded."""

import pytest
from needs import lacking
from plays import PORT, SEED, codes, relay

from grader.conduct.performers import conduct
from grader.course import entry
from grader.judge.verdict import judge
from grader.model import Command, Outcome
from grader.stage import sandbox, staging
from grader.stage.box import Box
from grader.stage.build import build
from grader.stage.place import inside

RUST = """
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

fn main() {
    let port = std::env::args().nth(1).unwrap();
    let all: Arc<Mutex<Vec<TcpStream>>> = Arc::new(Mutex::new(Vec::new()));
    for newcomer in TcpListener::bind(format!("127.0.0.1:{port}")).unwrap().incoming() {
        let (sock, all) = (newcomer.unwrap(), all.clone());
        all.lock().unwrap().push(sock.try_clone().unwrap());
        std::thread::spawn(move || {
            let own = sock.peer_addr().unwrap();
            for line in BufReader::new(sock).lines().flatten() {
                for other in all.lock().unwrap().iter_mut().filter(|o| o.peer_addr().unwrap() != own) {
                    other.write_all(format!("{line}\\n").as_bytes()).unwrap();
                }
            }
        });
    }
}
"""
GO = """
package main

import (
	"bufio"
	"net"
	"os"
	"sync"
)

func main() {
	listener, _ := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	var room sync.Mutex
	all := map[net.Conn]bool{}
	for {
		sock, _ := listener.Accept()
		room.Lock()
		all[sock] = true
		room.Unlock()
		go func() {
			for lines := bufio.NewScanner(sock); lines.Scan(); {
				room.Lock()
				for other := range all {
					if other != sock {
						other.Write([]byte(lines.Text() + "\\n"))
					}
				}
				room.Unlock()
			}
		}()
	}
}
"""
PROJECTS = {
    "cargo": {"Cargo.toml": '[package]\nname = "relay"\nversion = "0.1.0"\nedition = "2021"\n', "src/main.rs": RUST},
    "go": {"go.mod": "module relay\n\ngo 1.19\n", "main.go": GO},
}
SPEC = Command("python3 server.py <port>")
RELAYS = relay("ana > hola\nbeto, caro < hola", "ana", "beto", "caro")


@pytest.fixture
def project(tmp_path):
    """A folder with a project in it, whose program the sandbox has, staged on the best rung."""
    made = []

    def make(program, spoiled=""):
        if not inside(program):
            lacking(f"{program} not installed where the sandbox looks for it")
        folder = tmp_path / "submission"
        for name, text in PROJECTS[program].items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text + (spoiled if name.endswith((".rs", ".go")) else ""))
        found = entry.find(folder, SPEC)
        staged, _ = staging.stage(folder)
        made.append(staged)
        return found, staged, sandbox.choose(staged).rung

    yield make
    for staged in made:
        staging.remove(staged)


@pytest.mark.long
@pytest.mark.parametrize("program", PROJECTS)
def test_a_project_is_built_without_network_and_graded(project, program):
    found, staged, rung = project(program)
    assert found.command.build.split()[-1] != program
    made = build(found.command.build, rung, staged)
    assert made.status == 0, made.log
    with Box(rung, staged) as box:
        told = conduct(RELAYS.check, RELAYS.spec, box, found.argv, PORT, seed=SEED, subject="submission")
    judged = judge(RELAYS.check, RELAYS.spec, told)
    assert (judged.outcome, codes(judged.findings)) == (Outcome.PASSED, [])


@pytest.mark.long
@pytest.mark.parametrize("program", PROJECTS)
def test_a_project_that_does_not_compile_is_the_student_s(project, program):
    found, staged, rung = project(program, "\nthis is neither\n")
    made = build(found.command.build, rung, staged)
    assert made.status not in (0, None)
    assert "error" in made.log or "main.go" in made.log

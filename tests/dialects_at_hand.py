"""Servers of `dialects/` as submissions, their words replaced if asked: what the tests about dialects share."""

import shutil
from pathlib import Path

import yaml
from needs import needs

from grader.model import Command

HERE = Path(__file__).parent / "dialects"
PHRASES = yaml.safe_load((HERE / "phrases.yaml").read_text(encoding="utf-8"))
COMMANDS = {
    ".py": (None, "python3 server.py"),
    ".c": ("gcc -O1 -pthread -o server server.c", "./server"),
    ".java": ("javac Server.java", "java -Xshare:auto -XX:TieredStopAtLevel=1 Server"),
    ".js": (None, "node server.js"),
}
TOOLS = {".c": "gcc", ".java": "javac", ".js": "node"}


def in_words(text, words):
    """A text with the phrases of the servers replaced by those of another language."""
    for phrase in sorted(PHRASES, key=len, reverse=True) if words else ():
        text = text.replace(phrase, PHRASES[phrase][words])
    return text


def folder_of(name, tmp_path, words=None):
    """A submission with this server, its words replaced; and the command that starts it."""
    source = in_words((HERE / name).read_text(encoding="utf-8"), words)
    ending = Path(name).suffix
    if ending in TOOLS:
        needs(TOOLS[ending])
    folder = tmp_path / "submission"
    folder.mkdir(parents=True)
    (folder / ("Server.java" if ending == ".java" else f"server{ending}")).write_text(source, encoding="utf-8")
    for beside in sorted((HERE / f"{Path(name).stem}.files").glob("*")):
        shutil.copy(beside, folder)
    made, start = COMMANDS[ending]
    (folder / "submission.yaml").write_text(yaml.safe_dump({"run": start, **({"build": made} if made else {})}))
    return folder, Command(start, made)

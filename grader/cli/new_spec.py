"""`grade spec new`: five questions, and a spec that loads, with comments that say what to write next.

The answers go into YAML in quotes, whatever they are, so no answer can break the file; it is read before it is kept.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from grader.words.sentences import Sentences

CHAT, ANSWERS = "chat", "answers"
KINDS = (CHAT, ANSWERS)
Ask = Callable[[str, str], str]
"""Asks a question with a default, and gives the answer."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What was answered. `heard` is how the others see a message; of a server that answers, what it is asked and says."""

    title: str
    run: str
    folder: str
    kind: str
    heard: str = "<name>: <text>"
    asked: str = "PING"
    answer: str = "PONG"


def ask_all(ask: Ask, say: Sentences, beside: Path) -> Answers:
    """The five questions. Those that have only some answers are asked until one of them comes."""

    def until(key: str, otherwise: str, fits: Callable[[str], bool]) -> str:
        while not fits(answer := ask(say.say(f"spec-new.{key}"), otherwise).strip()):
            print(say.say(f"spec-new.{key}-wrong", answer=answer))
        return answer

    title = until("title", say.say("spec-new.title-otherwise"), bool)
    run = until("run", "python3 server.py <port>", lambda said: "<port>" in said and said.count('"') % 2 == 0)
    folder = until("folder", ".", lambda said: (beside / said).is_dir())
    kind = until("kind", CHAT, lambda said: said in (*KINDS, "respuestas"))
    if kind == CHAT:
        heard = until("heard", "<name>: <text>", lambda said: "<text>" in said)
        return Answers(title, run, folder, CHAT, heard)
    both = until("answer", "PING = PONG", lambda said: all(part.strip() for part in said.partition("=")))
    asked, _, answer = (part.strip() for part in both.partition("="))
    return Answers(title, run, folder, ANSWERS, asked=asked, answer=answer)


def written(answers: Answers, say: Sentences) -> str:
    """The spec."""

    def note(key: str, indent: str = "") -> list[str]:
        return [f"{indent}# {line}" for line in say.say(f"spec-new.note.{key}").split("¶")]

    lines = [
        *note("top"),
        f"title: {_quoted(answers.title)}",
        f"language: {say.lang}",
        "",
        *note("server"),
        f"server: {{run: {_quoted(answers.run)}}}",
        *note("reference"),
        f"reference: {{folder: {_quoted(answers.folder)}, run: {_quoted(answers.run)}}}",
        *note("protocol"),
        "protocol: {framing: line}",
        "",
        *(_chat(answers, note) if answers.kind == CHAT else _answers(answers, note)),
    ]
    return "\n".join(lines) + "\n"


Note = Callable[..., list[str]]


def _chat(answers: Answers, note: Note) -> list[str]:
    heard = _sample(answers.heard, "ana", "hola")
    return [
        *note("dialect"),
        "dialect:",
        '  words: {name: "[A-Za-z0-9_]{1,20}"}',
        f"  heard: {_quoted(answers.heard)}",
        *note("join"),
        "clients:",
        "  any:",
        "    join: |",
        "      me > <me>",
        "",
        "checks:",
        *_starts(note),
        *note("check", "  "),
        "  - id: everybody-hears",
        "    points: 10",
        "    clients: [ana, beto, caro]",
        "    play: |",
        "      ana > hola",
        f"      beto, caro < {heard}",
        *note("nothing", "      "),
        "      ana (nothing)",
        *note("use", "  "),
        "  - {id: many, points: 5, use: crowd, with: {clients: 20}}",
    ]


def _answers(answers: Answers, note: Note) -> list[str]:
    return [
        "checks:",
        *_starts(note),
        *note("check", "  "),
        "  - id: answers",
        "    points: 10",
        "    clients: [ana, beto]",
        "    play: |",
        f"      ana > {_text(answers.asked)}",
        f"      ana < {_text(answers.answer)}",
        f"      beto > {_text(answers.asked)}",
        f"      beto < {_text(answers.answer)}",
        *note("crash", "  "),
        "  - id: survives",
        "    points: 5",
        "    clients: [ana, beto]",
        "    play: |",
        "      ana (crashes)",
        f"      beto > {_text(answers.asked)}",
        f"      beto < {_text(answers.answer)}",
    ]


def _starts(note: Note) -> list[str]:
    return [*note("starts", "  "), "  - {id: starts, points: 5, play: server (listens)}"]


def _quoted(text: str) -> str:
    """A text that YAML reads back just so."""
    return json.dumps(text, ensure_ascii=False)


def _text(text: str) -> str:
    """A text as a line of a play has it: nothing in it means anything else."""
    escaped = text.replace("\\", "\\\\").replace("<", "\\<").replace(" | ", "\\s\\|\\s")
    return escaped if len(escaped.split("  ")) == 1 else escaped.replace("  ", "\\s\\s")


def _sample(form: str, name: str, text: str) -> str:
    return form.replace("<name>", name).replace("<text>", text)


def keep(path: Path, text: str) -> None:
    """Write the spec where none is. Raises FileExistsError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "w", encoding="utf-8") as file:
        file.write(text)

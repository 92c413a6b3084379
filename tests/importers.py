"""What Canvas and Moodle do with a file that is handed to them, as far as their own importers' rules go.

Small versions of Canvas' gradebook importer, of Moodle's CSV reader, of its gradebook import and of the import of its
assignment's offline worksheet. They keep the rules by which those decide whom a row is about, which column is a grade,
and what is skipped without a word.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field


class Refused(Exception):
    """The whole file is turned away."""


# ------------------------------------------------------------------------------------------------------------- Canvas


@dataclass
class CanvasCourse:
    """A course: students as (id, sis id, login, name), assignments as id -> (title, points)."""

    students: list[tuple[int, str, str, str]]
    assignments: dict[int, tuple[str, float]]
    new_assignments: list[str] = field(default_factory=list)
    new_students: list[str] = field(default_factory=list)
    points: dict[int, float] = field(default_factory=dict)
    """Points possible that the file would change."""

    def take(self, text: str) -> dict[tuple[int, int], str]:
        """The grades that would be written, by student and assignment. An empty one deletes what is there."""
        lines = text.splitlines(keepends=True)
        rows = csv.reader(
            io.StringIO("".join(x for x in lines if not re.fullmatch(r"[;, ]+\s*", x))), delimiter=_delimiter(lines)
        )
        header = [_normal(cell) for cell in next(rows)]
        if not (len(header) > 3 and "Student" in header[0] and "ID" in header[1]):
            raise Refused("Invalid header row")
        info = 3
        if re.search(r"SIS\s+Login\s+ID", header[2]):
            info = 4
        elif re.search(r"SIS\s+User\s+ID", header[2]) and re.search(r"SIS\s+Login\s+ID", header[3]):
            info = 5 + bool(re.search(r"Integration\s+ID", header[4]))
            info += bool(re.search(r"Root\s+Account", header[info - 1]))
        if "Section" not in header[info - 1]:
            raise Refused("Invalid header row")
        columns = {
            header.index(h): self._assignment(h) for h in header[info:] if not re.search("Score|Grade$|Points$", h)
        }
        found: dict[tuple[int, int], str] = {}
        for row in ([_normal(cell) for cell in r] for r in rows):
            if "Points Possible" in row[0]:
                for at, assignment in columns.items():
                    if row[at] and "read only" not in row[at] and float(row[at]) != self.assignments[assignment][1]:
                        self.points[assignment] = float(row[at])
                continue
            if all(re.fullmatch(r"\s*(Muted|Manual Posting.*)?\s*", cell) for cell in row):
                continue
            student = self._student(row, header)
            for at, assignment in columns.items():
                found[student, assignment] = row[at].strip()
        return found

    def _assignment(self, header: str) -> int:
        by_id = re.fullmatch(r"(.+)\((\d+)\)", header)
        if by_id and int(by_id[2]) in self.assignments:
            return int(by_id[2])
        for number, (title, _) in self.assignments.items():
            if title == header:
                return number
        self.new_assignments.append(header)
        return -len(self.new_assignments)

    def _student(self, row: list[str], header: list[str]) -> int:
        told = dict(zip(header, row, strict=False))
        for student in self.students:
            if row[1] == str(student[0]):
                return student[0]
        for at, name in ((1, "SIS User ID"), (2, "SIS Login ID"), (3, "Student")):
            for student in self.students:
                if told.get(name) and told[name] == student[at]:
                    return student[0]
        self.new_students.append(row[0])
        return -len(self.new_students)


def _delimiter(lines: list[str]) -> str:
    """Semicolons only if the first three lines have the same, larger number of cells with them."""
    counts = {}
    for mark in ";,":
        sizes = {len(next(csv.reader([line], delimiter=mark), [])) for line in lines[:3]}
        counts[mark] = sizes.pop() if len(sizes) == 1 else 0
    return ";" if counts[";"] > counts[","] else ","


def _normal(cell: str) -> str:
    """A pure number with commas is read with a point before its last part."""
    if not re.fullmatch(r"-?[0-9.,]+%?", cell):
        return cell
    *before, last = re.split("[,.]", cell)
    return f"{''.join(before)}.{last}" if before else last


# ------------------------------------------------------------------------------------------------------------- Moodle


def php_csv(text: str) -> list[list[str]]:
    """PHP's fgetcsv: inside quotes a backslash keeps the quotation mark behind it from ending the cell."""
    rows, row, cell, at, quoted = [], [], "", 0, False
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    while at < len(text):
        mark = text[at]
        if quoted and mark == "\\" and text[at + 1 : at + 2] in ('"', "\\"):
            cell += text[at : at + 2]
            at += 1
        elif quoted and mark == '"' and text[at + 1 : at + 2] == '"':
            cell += '"'
            at += 1
        elif mark == '"':
            quoted = not quoted
        elif mark == "," and not quoted:
            row.append(cell)
            cell = ""
        elif mark == "\n" and not quoted:
            rows.append([*row, cell])
            row, cell = [], ""
        else:
            cell += mark
        at += 1
    if quoted or cell or row:
        rows.append([*row, cell])
    if {len(r) for r in rows} != {len(rows[0])}:
        raise Refused("csvweirdcolumns")
    return rows


@dataclass
class MoodleGradebook:
    """“Import > CSV file”: users as dicts of userid, username, idnumber, email. One bad row ends it all."""

    users: list[dict[str, str]]
    most: float = 100

    def take(self, text: str, key: str, grade: str, feedback: str) -> dict[str, tuple[float | None, str]]:
        """The grades and feedbacks, by user id, where the teacher has said which column is which."""
        header, *rows = php_csv(text)
        at = {name: header.index(name) for name in (key, grade, feedback)}
        found = {}
        for row in rows:
            users = [u for u in self.users if u[key] == row[at[key]]]  # letter by letter: addresses too
            if len(users) != 1:
                raise Refused(f"User mapping error: {row[at[key]]}")
            value = row[at[grade]].strip()
            number = None if value in ("", "-") else _float(value)
            if number is not None and number > self.most:
                raise Refused(f"gradevaluetoobig: {number}")
            found[users[0]["userid"]] = (number, row[at[feedback]])
        return found


@dataclass
class MoodleAssignment:
    """The offline worksheet of an assignment: participants by number, its names in one language."""

    participants: set[str]
    maximum: float
    columns: tuple[str, str, str, str] = ("Identifier", "Grade", "Last modified (grade)", "Feedback comments")
    participant: str = "Participant "
    skipped: list[str] = field(default_factory=list)

    def take(self, text: str) -> dict[str, tuple[float, str]]:
        """The grades and feedbacks that would be written; what is out of range is skipped without a word."""
        header, *rows = php_csv(text)
        if not set(self.columns[:3]) <= set(header):
            raise Refused("invalidgradeimport")
        who, grade, _, feedback = (header.index(c) if c in header else None for c in self.columns)
        found = {}
        for row in rows:
            number = row[who][len(self.participant) :]
            if number not in self.participants or row[grade].strip() == "":
                continue
            value = _float(row[grade])
            if not 0 <= value <= self.maximum:
                self.skipped.append(number)
                continue
            found[number] = (value, row[feedback] if feedback is not None else "")
        return found


def _float(text: str) -> float:
    try:
        return float(text.replace(" ", "").replace(",", "."))
    except ValueError as problem:
        raise Refused(f"badgrade: {text}") from problem

"""Downloads of learning platforms are taken apart by whose they are, and a hostile archive gets nowhere."""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from class_rooms import ENDED, RIGHT, laid_out
from report_samples import grade

from grader.cli.main import run
from grader.course import handed_in
from grader.course.archives import Bounds, unpack
from grader.course.handed_in import OF_ONE, taken
from grader.errors import UsageError
from grader.report.exports.roster import listed, owners

SERVER = "print('a server')\n"
METADATA = """---
submission_101:
  :submitters:
  - :name: Ana Pérez
    :sid: '77'
    :email: ana@uni.example
  - :name: Beto Ruiz
    :sid:
    :email: beto@uni.example
  :created_at: 2026-01-01 10:00:00.000000000 Z
submission_102:
  :submitters:
  - :name: Caro Díaz
    :sid: '79'
    :email: caro@uni.example
"""


def zipped(path: Path, files: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def inner(files: dict[str, str | bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return data.getvalue()


def files(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def told(got: handed_in.Import) -> dict[str, tuple[tuple[str, ...], list[str]]]:
    return {m.name: (m.owners, files(m.folder)) for m in got.members}


PLATFORMS = {
    "canvas": (
        {
            "perezana_1234_5678_server.py": SERVER,
            "perezana_1234_5679_notes.txt": "x",
            "ruizbeto_LATE_1300_5701_server-1.py": SERVER,
            "diazcaro_1400_5801_project.zip": inner({"project/server.py": SERVER, "project/chat/room.py": "x"}),
        },
        {
            "perezana": (("1234",), ["notes.txt", "server.py"]),
            "ruizbeto": (("1300",), ["server.py"]),
            "diazcaro": (("1400",), ["chat/room.py", "server.py"]),
        },
    ),
    "moodle": (
        {
            "Ana Pérez_1234_assignsubmission_file_/server.py": SERVER,
            "Ana Pérez_1234_assignsubmission_onlinetext_/onlinetext.html": "<p>hello</p>",
            "Beto Ruiz_1300_assignsubmission_file_/chat/server.py": SERVER,
        },
        {"Ana Pérez": (("1234",), ["server.py"]), "Beto Ruiz": (("1300",), ["server.py"])},
    ),
    "github": (
        {
            "chat-submissions/chat-anaperez/server.py": SERVER,
            "chat-submissions/chat-anaperez/.github/classroom/autograding.json": "{}",
            "chat-submissions/chat-beto-ruiz/server.py": SERVER,
        },
        {"anaperez": ((), [".github/classroom/autograding.json", "server.py"]), "beto-ruiz": ((), ["server.py"])},
    ),
    "gradescope": (
        {
            "assignment_12_export/submission_metadata.yml": METADATA,
            "assignment_12_export/submission_101/server.py": SERVER,
            "assignment_12_export/submission_102/server.py": SERVER,
        },
        {
            "Ana Pérez & Beto Ruiz": (("ana@uni.example", "beto@uni.example"), ["server.py"]),
            "Caro Díaz": (("caro@uni.example",), ["server.py"]),
        },
    ),
    "folders": (
        {"ana/server.py": SERVER, "beto/server.py": SERVER, "__MACOSX/ana/._server.py": "x", "beto/.DS_Store": "x"},
        {"ana": ((), ["server.py"]), "beto": ((), ["server.py"])},
    ),
    "one": ({"server.py": SERVER, "room.py": "x"}, {"download": ((), ["room.py", "server.py"])}),
}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_what_a_platform_hands_out_is_sorted_by_whose_it_is(tmp_path, platform):
    given, expected = PLATFORMS[platform]
    got = taken(zipped(tmp_path / "download.zip", given), tmp_path / "to")
    assert (got.platform, told(got), got.refused) == (platform, expected, ())


def test_a_tar_is_taken_as_well(tmp_path):
    with tarfile.open(tmp_path / "class.tar.gz", "w:gz") as archive:
        for name in ("ana", "beto"):
            info = tarfile.TarInfo(f"{name}/server.py")
            info.size = len(SERVER)
            archive.addfile(info, io.BytesIO(SERVER.encode()))
    assert told(taken(tmp_path / "class.tar.gz", tmp_path / "to")) == dict.fromkeys(
        ("ana", "beto"), ((), ["server.py"])
    )


def test_the_rows_of_a_gradebook_are_found_by_what_the_platform_said(tmp_path):
    one = grade("Group 7", [])
    group = replace(one, submission=replace(one.submission, name="Group 7", owners=("ana@uni.example", "1300")))
    listing = listed(
        "Student,ID,SIS Login ID,Section\nPérez,1,ana@uni.example,A\nRuiz,1300,beto,A\nDíaz,9,caro,A\n", "canvas"
    )
    assert {row: g.submission.name for row, g in owners([group], listing).items()} == {0: "Group 7", 1: "Group 7"}


@pytest.mark.parametrize(
    "name",
    [
        "../out.py",
        "/etc/out.py",
        "a/../../out.py",
        "C:\\out.py",
        "a\\..\\out.py",
        "a\nb.py",
        "a\u202eyp.py",
        "x" * 300,
        "d/" * 50 + "f",
    ],
)
def test_a_name_that_leads_elsewhere_is_left_out_and_said(tmp_path, name):
    folder = tmp_path / "to"
    folder.mkdir()
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("server.py", SERVER)
        info = zipfile.ZipInfo("x")
        info.filename = name
        archive.writestr(info, "out")
    done = unpack(tmp_path / "a.zip", folder, Bounds())
    assert files(folder) == ["server.py"]
    assert [n.code for n in done.refused] == ["archive-strange-name"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.zip", "to"]


def test_links_devices_and_second_files_of_one_name_are_left_out(tmp_path):
    folder = tmp_path / "to"
    folder.mkdir()
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for name, kind, target in (
            ("link", tarfile.SYMTYPE, "/etc"), ("hard", tarfile.LNKTYPE, "server.py"), ("pipe", tarfile.FIFOTYPE, ""),
            ("link/passwd", tarfile.REGTYPE, ""), ("server.py", tarfile.REGTYPE, ""), ("server.py", tarfile.REGTYPE, ""),
        ):  # fmt: skip
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, target
            archive.addfile(info, io.BytesIO(b""))
    done = unpack(tmp_path / "a.tar", folder, Bounds())
    assert files(folder) == ["link/passwd", "server.py"]  # a folder of ours, no link
    assert [n.code for n in done.refused] == ["archive-link", "archive-link", "archive-odd", "archive-strange-name"]
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        info = zipfile.ZipInfo("etc")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc")
    assert [n.code for n in unpack(tmp_path / "b.zip", folder, Bounds()).refused] == ["archive-link"]


def test_a_bomb_ends_where_its_share_is_used_up_and_costs_only_whoever_sent_it(tmp_path, monkeypatch):
    monkeypatch.setattr(handed_in, "OF_ONE", Bounds(size=1 << 20, files=50))
    bomb = inner({f"{n}.bin": bytes(1 << 20) for n in range(20)})
    many = inner({f"{n}.txt": "" for n in range(90)})
    got = taken(
        zipped(tmp_path / "all.zip", {
            "ana_1_11_server.py": SERVER, "bomb_2_12_server.zip": bomb, "caro_3_13_all.zip": many, "dani_4_14_x.zip": b"PK no",
            "eva_5_15_x.rar": b"Rar!",
        }), tmp_path / "to",
    )  # fmt: skip
    sizes = {m.name: sum(p.stat().st_size for p in m.folder.rglob("*") if p.is_file()) for m in got.members}
    assert sizes["ana"] == len(SERVER)
    assert sizes["bomb"] <= 1 << 20
    assert len(files(next(m.folder for m in got.members if m.name == "caro"))) == 50
    assert sorted((n.code, n.facts["archive"]) for n in got.refused) == [
        ("archive-bad", "dani"), ("archive-too-large", "bomb"), ("archive-too-large", "caro"), ("archive-unknown", "eva"),
    ]  # fmt: skip
    assert OF_ONE.size == 192 << 20  # each has a share of its own


def test_a_download_that_is_too_large_as_a_whole_is_taken_as_far_as_it_goes(tmp_path):
    folder = tmp_path / "to"
    folder.mkdir()
    archive = zipped(tmp_path / "a.zip", {f"s{n}/server.py": bytes(1000) for n in range(9)})
    done = unpack(archive, folder, Bounds(size=5500))
    assert [n.code for n in done.refused] == ["archive-too-large"]
    assert len(done.names) == 5


def test_what_is_no_archive_is_said_in_a_sentence(tmp_path, capsys):
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04 but not really")
    with pytest.raises(UsageError, match="bad-archive"):
        taken(tmp_path / "a.zip", tmp_path / "to")
    assert run(["import", str(tmp_path / "a.zip"), "--lang", "en"]) == 2
    assert "can’t be unpacked" in capsys.readouterr().err
    assert run(["import", str(zipped(tmp_path / "b.zip", {})), "--lang", "en"]) == 2


def test_import_shows_what_it_would_take_as_whose_and_takes_it_where_it_is_told(tmp_path, capsys):
    archive = zipped(tmp_path / "c.zip", PLATFORMS["canvas"][0] | {"notes/x.py": "x", "../y.py": "y"})
    assert run(["import", str(archive), "--lang", "en"]) == 0
    said = capsys.readouterr().out
    assert "3 submissions, as Canvas hands them out." in said
    assert "perezana  1234  2 files: notes.txt and server.py" in said
    assert "It was left out: “../y.py”." in said
    assert "does not say whose it is, as the others do. It was left out: “notes”." in said
    assert not (tmp_path / "to").exists()
    assert run(["import", str(archive), "--to", str(tmp_path / "to"), "--lang", "en"]) == 0
    assert files(tmp_path / "to") == [
        "diazcaro/chat/room.py",
        "diazcaro/server.py",
        "perezana/notes.txt",
        "perezana/server.py",
        "ruizbeto/server.py",
    ]
    assert run(["import", str(archive), "--to", str(tmp_path / "to"), "--lang", "en"]) == 2


def test_whoever_handed_in_no_file_is_named(tmp_path):
    got = taken(
        zipped(
            tmp_path / "download.zip",
            {
                "Ana_1_assignsubmission_file_/server.py": SERVER,
                "Beto_2_assignsubmission_file_/server.py": SERVER,
                "Dani_3_assignsubmission_onlinetext_/onlinetext.html": "<p>See my repository</p>",
            },
        ),
        tmp_path / "to",
    )
    assert [one.name for one in got.members] == ["Ana", "Beto"]
    assert [(n.code, n.facts["name"]) for n in got.refused] == [("archive-nothing", "Dani")]


def test_what_was_said_about_which_file_is_the_server_holds_until_other_files_are_handed_in(tmp_path):
    two = {"ana_11_1_one.py": SERVER, "ana_11_2_two.py": SERVER, "beto_12_3_server.py": SERVER}
    to = tmp_path / "handed-in"
    taken(zipped(tmp_path / "download.zip", two), to)
    answer = to / "ana" / "submission.yaml"
    answer.write_text("run: python3 two.py <port>\n", encoding="utf-8")
    taken(zipped(tmp_path / "download.zip", two), to)
    assert answer.read_text(encoding="utf-8") == "run: python3 two.py <port>\n"
    taken(zipped(tmp_path / "download.zip", {**two, "ana_11_2_two.py": "other"}), to)
    assert not answer.exists()
    own = {**two, "ana_11_9_submission.yaml": "run: python3 one.py <port>\n"}
    taken(zipped(tmp_path / "download.zip", own), to)
    assert answer.read_text(encoding="utf-8") == "run: python3 one.py <port>\n"
    taken(zipped(tmp_path / "download.zip", {k: v for k, v in two.items() if "12" in k}), to)
    assert not answer.parent.exists()


def test_a_download_of_canvas_is_graded_and_fills_its_gradebook(tmp_path, capsys):
    handed = laid_out(tmp_path)
    right, wrong = ((handed / name / "server.py").read_text(encoding="utf-8") for name in (RIGHT, ENDED))
    download = zipped(
        tmp_path / "submissions.zip", {"perezana_11_91_server.py": right, "diazcaro_13_93_server.py": wrong}
    )
    book = tmp_path / "book.csv"
    book.write_text(
        'Student,ID,SIS Login ID,Section,Chat (77)\nPoints Possible,,,,100\n"Pérez, Ana",11,ana,A,\n"Ruiz, Beto",12,beto,A,\n"Díaz, Caro",13,caro,A,\n',
        encoding="utf-8",
    )
    out = tmp_path / "reports"
    assert run([str(download), "--spec", str(tmp_path / "spec.yaml"), "--out", str(out), "--lang", "en"]) == 0
    assert run([str(download), "--spec", str(tmp_path / "spec.yaml"), "--out", str(out), "--lang", "en"]) == 0
    assert "0 submissions are to be graded, 2 are kept" in capsys.readouterr().out
    assert (
        run(["report", str(out), "--to", "canvas", "--roster", str(book), "--out", str(tmp_path / "filled.csv")]) == 0
    )
    filled = (tmp_path / "filled.csv").read_text(encoding="utf-8").splitlines()
    assert filled[2:] == ['"Pérez, Ana",11,ana,A,100', '"Díaz, Caro",13,caro,A,0']

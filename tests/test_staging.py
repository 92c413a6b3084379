"""A hostile folder becomes a plain one: what is copied, what is left out and why, and what the digest says."""

import os
import socket
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.stage import staging


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "alice"
    made.mkdir()
    (made / "server.py").write_text("print('hello')\n")
    return made


@pytest.fixture
def stage():
    """Stages folders, and removes what was made at the end."""
    made = []

    def run(folder):
        where, copied = staging.stage(folder)
        made.append(where)
        return Path(where.submission), copied

    yield run
    for where in made:
        staging.remove(where)
        assert not Path(where.root).exists()


def names(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*"))


def digest(stage, folder):
    return stage(folder)[1].digest


# -- what is copied ---------------------------------------------------------------------------------------------------


def test_files_and_folders_are_copied(stage, folder):
    (folder / "lib" / "deep").mkdir(parents=True)
    (folder / "lib" / "deep" / "chat.py").write_bytes(b"\xff\x00 any bytes")
    there, copied = stage(folder)
    assert names(there) == ["lib", "lib/deep", "lib/deep/chat.py", "server.py"]
    assert (there / "lib/deep/chat.py").read_bytes() == b"\xff\x00 any bytes"
    assert (copied.files, copied.left_out) == (2, [])


@pytest.mark.parametrize(
    "name",
    [
        "a\nb.py",
        "<script>.py",
        "-rf",
        " spaced ",
        "ñandú.py",
        "a'b\"c.py",
        b"\xff.py".decode("utf-8", "surrogateescape"),
    ],
)
def test_odd_names_are_copied_as_they_are(stage, folder, name):
    (folder / name).write_text("x")
    there, copied = stage(folder)
    assert sorted(os.listdir(there)) == sorted(["server.py", name])
    assert copied.left_out == []


def test_a_link_inside_stays_a_link(stage, folder):
    (folder / "main.py").symlink_to("server.py")
    there, copied = stage(folder)
    assert os.readlink(there / "main.py") == "server.py"
    assert (there / "main.py").read_text() == "print('hello')\n"
    assert copied.left_out == []


def test_a_program_stays_one_and_nothing_else_of_its_mode(stage, folder):
    (folder / "run").write_text("#!/bin/sh\n")
    (folder / "run").chmod(0o6751)
    (folder / "server.py").chmod(0o600)
    there, _ = stage(folder)
    assert (there / "run").stat().st_mode & 0o7777 == 0o755
    assert (there / "server.py").stat().st_mode & 0o7777 == 0o644


def test_the_staged_folder_does_not_tell_whose_it_is(stage, folder):
    there, _ = stage(folder)
    assert "alice" not in str(there)


# -- what is left out -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["/etc/passwd", "../secret", "lib/../../secret", "/proc/self/environ", "way/secret"])
def test_a_link_that_leads_out_is_left_out(stage, folder, target):
    (folder.parent / "secret").write_text("secret")
    (folder / "lib").mkdir()
    if target.startswith("way/"):
        (folder / "way").symlink_to("..")
    (folder / "link").symlink_to(target)
    there, copied = stage(folder)
    assert "link" not in os.listdir(there)
    assert ("link", "link") in copied.left_out


def test_an_absolute_link_is_left_out_even_if_it_leads_inside(stage, folder):
    (folder / "link").symlink_to(folder / "server.py")
    assert stage(folder)[1].left_out == [("link", "link")]


def test_a_circle_of_links_ends(stage, folder):
    (folder / "a").symlink_to("b")
    (folder / "b").symlink_to("a")
    (folder / "self").symlink_to(".")
    there, _ = stage(folder)
    assert (there / "server.py").is_file()


def test_a_fifo_is_left_out_and_not_waited_for(stage, folder):
    os.mkfifo(folder / "pipe")
    there, copied = stage(folder)
    assert names(there) == ["server.py"]
    assert copied.left_out == [("pipe", "odd")]


def test_a_socket_is_left_out(stage, folder, monkeypatch):
    monkeypatch.chdir(folder)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("sock")
        assert stage(folder)[1].left_out == [("sock", "odd")]


@pytest.mark.parametrize("name", [".git", "__pycache__", ".venv"])
def test_what_is_no_part_of_the_work_is_not_copied(stage, folder, name):
    (folder / name).mkdir()
    (folder / name / "file").write_text("x")
    there, copied = stage(folder)
    assert names(there) == ["server.py"]
    assert copied.left_out == []


def test_too_many_files_are_left_out_and_not_an_error(stage, folder, monkeypatch):
    monkeypatch.setattr(staging, "MOST_FILES", 5)
    for number in range(10):
        (folder / f"f{number}").write_text("x")
    there, copied = stage(folder)
    assert len(names(there)) == 5
    assert [why for _, why in copied.left_out] == ["much"] * 6


def test_a_huge_file_is_left_out_without_being_read(stage, folder):
    with (folder / "huge").open("wb") as file:
        file.truncate(staging.MOST_BYTES * 100)
    there, copied = stage(folder)
    assert names(there) == ["server.py"]
    assert copied.left_out == [("huge", "much")]


def test_a_huge_file_does_not_crowd_out_the_small_ones(stage, folder):
    with (folder / "a-huge-core-dump").open("wb") as file:
        file.truncate(staging.MOST_BYTES * 100)
    there, _ = stage(folder)
    assert names(there) == ["server.py"]


def test_a_very_deep_folder_is_no_crash(stage, folder):
    deep = folder
    for _ in range(200):
        deep /= "d"
        deep.mkdir()
    (deep / "file").write_text("x")
    there, _ = stage(folder)
    assert len(names(there)) == 202


def test_a_folder_that_is_not_there_is_the_caller_s_mistake(tmp_path):
    with pytest.raises(UsageError) as caught:
        staging.stage(tmp_path / "nobody")
    assert caught.value.code == "unreadable-file"


# -- the digest -------------------------------------------------------------------------------------------------------


def test_equal_content_has_an_equal_digest_wherever_it_lies(stage, folder, tmp_path):
    other = tmp_path / "beto"
    (other / "b").mkdir(parents=True)
    (other / "server.py").write_text("print('hello')\n")
    (folder / "b").mkdir()
    for name in ("z", "a", "m"):
        (folder / "b" / name).write_text(name)
    for name in ("m", "z", "a"):
        (other / "b" / name).write_text(name)
    os.utime(other / "server.py", (0, 0))
    assert digest(stage, folder) == digest(stage, other)


CHANGES = {
    "another byte": lambda f: (f / "server.py").write_text("print('hallo')\n"),
    "another name": lambda f: (f / "server.py").rename(f / "servidor.py"),
    "one file more": lambda f: (f / "empty").write_text(""),
    "a program": lambda f: (f / "server.py").chmod(0o755),
    "a link": lambda f: (f / "link").symlink_to("server.py"),
    "moved into a folder": lambda f: ((f / "s").mkdir(), (f / "server.py").rename(f / "s" / "server.py")),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_other_content_has_another_digest(stage, folder, change):
    before = digest(stage, folder)
    change(folder)
    assert digest(stage, folder) != before


def test_names_and_contents_are_not_mistaken_for_one_another(stage, tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    for made, name, content in ((one, "ab", "c"), (two, "a", "bc")):
        made.mkdir()
        (made / name).write_text(content)
    assert digest(stage, one) != digest(stage, two)


def test_what_is_left_out_does_not_count(stage, folder):
    before = digest(stage, folder)
    (folder / ".git").mkdir()
    (folder / ".git" / "HEAD").write_text("x")
    os.mkfifo(folder / "pipe")
    assert digest(stage, folder) == before


# -- removing ---------------------------------------------------------------------------------------------------------


def test_what_a_build_left_with_odd_permissions_is_removed_too(folder):
    where, _ = staging.stage(folder)
    locked = Path(where.submission) / "target" / "deep"
    locked.mkdir(parents=True)
    (locked / "file").write_text("x")
    locked.chmod(0)
    locked.parent.chmod(0o500)
    staging.remove(where)
    assert not Path(where.root).exists()

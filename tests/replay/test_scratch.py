"""Copies of projects."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ennead.kernel.errors import EnneadError
from ennead.replay import scratch as scratch_module
from ennead.replay.scratch import Scratch, size_of


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "app.py").write_text("x = 1\n")
    return folder.resolve()


def copied(root: Path, files: dict[str, str] | None = None, without: tuple[str, ...] = ()) -> Scratch:
    return Scratch.copy(root, root.parent / "scratch", files or {}, without)


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_leaves_out_version_control_environments_and_caches(root: Path) -> None:
    for name in (".git/HEAD", ".ennead/runs/x", "node_modules/a.js", "shop/__pycache__/a.pyc", "shop/models.py"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    for name in ("env/pyvenv.cfg", "env/bin/tool", "conda/conda-meta/history", "environments/notes.txt"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    assert names(copied(root).path) == ["app.py", "environments", "environments/notes.txt", "shop", "shop/models.py"]


def test_lays_texts_over_the_copy_as_they_are(root: Path) -> None:
    texts = {"crlf.py": "a = 1\r\nb = 2\r\n", "open.py": "no newline at the end", "new/é ü.html": "<p>é</p>\n"}
    (root / "crlf.py").write_bytes(b"a = 0\r\n")
    scratch = copied(root, texts)
    for name, text in texts.items():
        assert (scratch.path / name).read_bytes() == text.encode()
    assert (root / "crlf.py").read_bytes() == b"a = 0\r\n"
    assert not (root / "new").exists()
    assert scratch.written() == {}


def test_copies_what_is_no_text_and_what_may_be_run(root: Path) -> None:
    (root / "latin.txt").write_bytes(b"caf\xe9")
    (root / "tool.sh").write_text("#!/bin/sh\n")
    (root / "tool.sh").chmod(0o755)
    scratch = copied(root)
    assert (scratch.path / "latin.txt").read_bytes() == b"caf\xe9"
    assert os.access(scratch.path / "tool.sh", os.X_OK)
    assert not os.access(scratch.path / "app.py", os.X_OK)


def test_takes_out_what_the_copy_shall_not_have(root: Path) -> None:
    (root / "old.py").write_text("")
    assert names(copied(root, without=("old.py", "never.py")).path) == ["app.py"]
    assert (root / "old.py").exists()


class TestLinks:
    def test_into_the_project_lead_into_the_copy(self, root: Path) -> None:
        (root / "a.py").symlink_to("app.py")
        (root / "b.py").symlink_to(root / "app.py")
        (root / "package").mkdir()
        (root / "package" / "c.py").symlink_to("../app.py")
        path = copied(root).path
        assert [(path / name).resolve() for name in ("a.py", "b.py", "package/c.py")] == [path / "app.py"] * 3

    def test_out_of_the_project_lead_where_they_led(self, root: Path) -> None:
        (root.parent / "shared").mkdir()
        (root / "relative").symlink_to("../shared")
        (root / "absolute").symlink_to(root.parent / "shared")
        path = copied(root).path
        assert (path / "relative").resolve() == (path / "absolute").resolve() == root.parent / "shared"

    def test_to_what_is_left_out_lead_to_the_original(self, root: Path) -> None:
        (root / ".venv").mkdir()
        (root / "env").symlink_to(".venv")
        assert (copied(root).path / "env").resolve() == root / ".venv"

    def test_that_lead_nowhere_do_no_harm(self, root: Path) -> None:
        (root / "broken").symlink_to("missing")
        (root / "loop").symlink_to("loop")
        assert names(copied(root).path) == ["app.py", "broken", "loop"]

    def test_are_not_written_through(self, root: Path) -> None:
        outside = root.parent / "settings.py"
        outside.write_text("the user's own")
        (root / "settings.py").symlink_to(outside)
        scratch = copied(root, {"settings.py": "changed"})
        assert (scratch.path / "settings.py").read_text() == "changed"
        assert outside.read_text() == "the user's own"


class TestWritten:
    def test_tells_new_and_changed_files(self, root: Path) -> None:
        (root / "kept.txt").write_text("as it was")
        scratch = copied(root)
        (scratch.path / "app.py").write_text("x = 2\n")
        (scratch.path / "out").mkdir()
        (scratch.path / "out" / "report.csv").write_text("1")
        (scratch.path / "kept.txt").write_text("as it was")
        assert sorted(scratch.written()) == ["app.py", "out/report.csv"]

    def test_digests_tell_contents_apart(self, root: Path) -> None:
        scratch = copied(root)
        digests = []
        for text in ("one", "two", "one"):
            (scratch.path / "app.py").write_text(text)
            digests.append(scratch.written()["app.py"])
        assert digests[0] == digests[2] != digests[1]

    def test_leaves_out_databases_and_measurements_of_coverage(self, root: Path) -> None:
        scratch = copied(root)
        for name in ("data.sqlite3", "without_suffix", ".coverage"):
            with closing(sqlite3.connect(scratch.path / name)) as connection:
                connection.execute("CREATE TABLE a (b)")
        for name in (".coverage.host.1", "data.sqlite3-wal", "module.pyc"):
            (scratch.path / name).write_text("")
        (scratch.path / "named.db").write_text("no database at all")
        assert sorted(scratch.written()) == ["named.db"]


class TestSpecialPlaces:
    def test_sockets_and_pipes_are_left_out(self, root: Path) -> None:
        os.mkfifo(root / "pipe")
        assert names(copied(root).path) == ["app.py"]

    def test_a_copy_inside_of_the_project_does_not_copy_itself(self, root: Path) -> None:
        path = root / "tmp" / "replays" / "1" / "project"
        path.parent.mkdir(parents=True)
        (root / "tmp" / "kept.txt").write_text("")
        Scratch.copy(root, path, {})
        assert names(path) == ["app.py", "tmp", "tmp/kept.txt"]

    def test_too_large_a_project_is_refused(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(scratch_module, "_LARGEST_BYTES", size_of(root))
        Scratch.copy(root, root.parent / "fits", {})
        (root / "more.txt").write_text("x")
        with pytest.raises(EnneadError, match="set ENNEAD_PROJECT_ROOT to the code"):
            copied(root)

    def test_what_cannot_be_written_is_one_line(self, root: Path) -> None:
        (root.parent / "scratch").mkdir()
        with pytest.raises(EnneadError, match=r"cannot copy \S+/shop to \S+/scratch: File exists"):
            copied(root)

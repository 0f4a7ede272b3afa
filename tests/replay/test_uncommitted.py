"""What git knows of edits; real repositories."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from ennead.kernel.errors import EnneadError
from ennead.replay.uncommitted import committed_files, uncommitted

ODD = "é ü [x]*.py"


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture(autouse=True)
def outside_of_repositories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    for name in [name for name in os.environ if name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")]:
        monkeypatch.delenv(name)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project in a sub-folder of a repository, with three committed files."""
    repository = tmp_path / "repository"
    root = repository / "web app"
    root.mkdir(parents=True)
    git(repository, "init", "-q")
    (repository / "outside.py").write_text("outside = 1\n")
    for name in ("a.py", "b.py", ODD):
        (root / name).write_text(f"name = {name!r}\n")
    (repository / ".gitignore").write_text("ignored.py\n")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "first")
    return root


class TestUncommitted:
    def test_names_files_with_edits_and_no_others(self, root: Path) -> None:
        names = ["a.py", "b.py", ODD]
        assert uncommitted(root, names) == []
        (root / "a.py").write_text("edited\n")
        (root / ODD).write_text("edited\n")
        assert uncommitted(root, names) == ["a.py", ODD]
        assert uncommitted(root, ["b.py"]) == []

    def test_staged_new_and_renamed_files_are_edited(self, root: Path) -> None:
        git(root, "mv", "a.py", "renamed.py")
        (root / "new").mkdir()
        (root / "new" / "c.py").write_text("")
        (root / "b.py").write_text("staged\n")
        git(root, "add", "b.py")
        assert uncommitted(root, ["renamed.py", "new/c.py", "b.py", ODD]) == ["b.py", "new/c.py", "renamed.py"]

    def test_a_name_is_no_pattern(self, root: Path) -> None:
        (root / "é ü x.py").write_text("")
        assert uncommitted(root, [ODD]) == []

    def test_an_ignored_file_beside_committed_ones_is_edited(self, root: Path) -> None:
        (root / "ignored.py").write_text("")
        assert uncommitted(root, ["a.py", "ignored.py"]) == ["ignored.py"]

    def test_without_a_repository_nothing_is(self, tmp_path: Path) -> None:
        (tmp_path / "a.py").write_text("")
        assert uncommitted(tmp_path, ["a.py"]) == []
        assert uncommitted(tmp_path, []) == []

    def test_a_repository_that_git_cannot_read_is_an_error(self, root: Path) -> None:
        (root.parent / ".git" / "config").write_text("[broken")
        with pytest.raises(EnneadError, match=r"git does not tell which files of .* have uncommitted edits: "):
            uncommitted(root, ["a.py"])

    def test_without_git_nothing_is(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (root / "a.py").write_text("edited\n")
        monkeypatch.setenv("PATH", "")
        assert uncommitted(root, ["a.py"]) == []


class TestCommittedFiles:
    def test_tells_texts_before_and_after(self, root: Path) -> None:
        (root / ODD).write_bytes(b"edited\r\n")
        (root / "a.py").write_text("staged\n")
        git(root, "add", "a.py")
        (root.parent / "outside.py").write_text("edited\n")
        before, after = committed_files(root)
        assert before == {"a.py": "name = 'a.py'\n", ODD: f"name = {ODD!r}\n"}
        assert after == {"a.py": "staged\n", ODD: "edited\r\n"}

    def test_new_files_have_no_text_before(self, root: Path) -> None:
        for name in ("new.py", "notes.txt", "ignored.py"):
            (root / name).write_text("x = 1\n")
        assert committed_files(root) == ({"new.py": None}, {"new.py": "x = 1\n"})
        git(root, "add", "new.py", "notes.txt")
        assert committed_files(root)[1] == {"new.py": "x = 1\n", "notes.txt": "x = 1\n"}

    def test_deleted_and_renamed_files_have_none_after(self, root: Path) -> None:
        (root / "a.py").unlink()
        git(root, "mv", "b.py", "c.py")
        before, after = committed_files(root)
        assert before == {"a.py": "name = 'a.py'\n", "b.py": "name = 'b.py'\n", "c.py": None}
        assert after == {"c.py": "name = 'b.py'\n"}

    def test_what_is_no_text_stays_as_it_is_on_the_disk(self, root: Path) -> None:
        with closing(sqlite3.connect(root / "db.sqlite3")) as connection:
            connection.execute("CREATE TABLE a (b)")
        (root / "latin.txt").write_bytes(b"caf\xe9")
        (root / "link.py").symlink_to("a.py")
        git(root, "add", ".")
        git(root, "commit", "-qm", "second")
        with closing(sqlite3.connect(root / "db.sqlite3")) as connection:
            connection.execute("CREATE TABLE c (d)")
        (root / "latin.txt").write_bytes(b"th\xe9")
        (root / "link.py").unlink()
        (root / "link.py").symlink_to("b.py")
        (root / "a.py").write_text("edited\n")
        assert committed_files(root) == ({"a.py": "name = 'a.py'\n"}, {"a.py": "edited\n"})

    def test_nothing_edited_is_an_error(self, root: Path) -> None:
        (root.parent / "outside.py").write_text("edited\n")
        with pytest.raises(EnneadError, match="nothing was edited since the last commit"):
            committed_files(root)

    def test_no_repository_and_no_commit_are_errors(self, tmp_path: Path) -> None:
        (tmp_path / "a.py").write_text("")
        with pytest.raises(EnneadError, match="in no git repository with a commit"):
            committed_files(tmp_path)
        git(tmp_path, "init", "-q")
        with pytest.raises(EnneadError, match="in no git repository with a commit"):
            committed_files(tmp_path)

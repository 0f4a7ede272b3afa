"""The user's own files."""

from __future__ import annotations

import sysconfig
from pathlib import Path

import pytest

from ennead.fixes.project_sources import ProjectSources


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    for name in ("app.py", "shop/models.py", "shop/migrations/0001.py", ".hidden/x.py", "env/lib/y.py", "page.html"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 1\n")
    (root / "env" / "pyvenv.cfg").write_text("")
    (root / "node_modules").mkdir()
    (root / "node_modules" / "z.py").write_text("")
    (root / "latin.py").write_bytes(b"# caf\xe9\n")
    (root / "loop").symlink_to(root)
    (root.parent / "outside.py").write_text("x = 1\n")
    return root


def test_texts_are_those_of_the_disk_with_changes_laid_over(root: Path) -> None:
    (root / "crlf.py").write_bytes(b"a\r\n")
    sources = ProjectSources(root)
    changed = sources.with_changes({"app.py": "x = 2\n", "new.py": "y\n"})
    assert (sources.text("app.py"), changed.text("app.py"), changed.text("new.py")) == ("x = 1\n", "x = 2\n", "y\n")
    assert sources.text("crlf.py") == "a\r\n"
    assert changed.with_changes({"app.py": "x = 3\n"}).changed == {"app.py": "x = 3\n", "new.py": "y\n"}
    for name in ("missing.py", "latin.py", "shop", "../outside.py", str(root / "app.py")):
        assert sources.text(name) is None


def test_a_file_is_read_once_whatever_becomes_of_it(root: Path) -> None:
    sources = ProjectSources(root)
    assert (sources.text("app.py"), sources.text("late.py")) == ("x = 1\n", None)
    (root / "app.py").write_text("x = 9\n")
    (root / "late.py").write_text("x = 9\n")
    changed = sources.with_changes({"page.py": ""})
    for each in (sources, changed):
        assert (each.text("app.py"), each.text("late.py")) == ("x = 1\n", None)
    assert (ProjectSources(root).text("app.py"), ProjectSources(root).text("late.py")) == ("x = 9\n", "x = 9\n")


def test_what_is_not_the_users_own_is_not_edited(root: Path) -> None:
    sources = ProjectSources(root)
    for name in ("app.py", "shop/models.py", "new/file.py", "page.html"):
        assert sources.is_editable(name)
    for name in ("../outside.py", "/etc/passwd", "node_modules/z.py", "lib/site-packages/a.py"):
        assert not sources.is_editable(name)
    library = Path(sysconfig.get_path("purelib"))
    assert not ProjectSources(library.parent).is_editable("site-packages/click/core.py")


def test_python_files_leave_out_environments_hidden_folders_and_links(root: Path) -> None:
    assert list(ProjectSources(root, {"new.py": ""}).python_files()) == [
        "app.py",
        "latin.py",
        "new.py",
        "shop/models.py",
    ]
    assert list(ProjectSources(root / "missing").python_files()) == []


def test_trees_are_of_what_parses(root: Path) -> None:
    (root / "broken.py").write_text("def (:\n")
    sources = ProjectSources(root)
    assert sources.tree("app.py") is sources.tree("app.py") is not None
    assert [sources.tree(name) for name in ("broken.py", "missing.py", "page.html", "latin.py")] == [None] * 4

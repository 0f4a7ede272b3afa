"""Changes of files, as a diff and on the disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from ennead.fixes.patch import apply_files, edit_of
from ennead.fixes.project_sources import ProjectSources
from ennead.kernel.errors import EnneadError


def test_an_edit_is_told_from_what_stands_there(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\ny = 2\n")
    sources = ProjectSources(tmp_path)
    edit = edit_of(sources, {"a.py": "import os\nx = 1\ny = 3\n", "new.py": "z = 1\n"})
    assert [line for line in edit.diff.splitlines() if line.startswith(("+", "-"))] == [
        "--- a/a.py",
        "+++ b/a.py",
        "+import os",
        "-y = 2",
        "+y = 3",
        "--- /dev/null",
        "+++ b/new.py",
        "+z = 1",
    ]
    assert edit.line_after("a.py", 1) == 2
    assert edit_of(sources, {"a.py": "x = 1\ny = 2\n"}).diff == ""
    assert edit_of(sources.with_changes({"a.py": "y = 3\n"}), {"a.py": "y = 3\n"}).diff == ""


def test_files_are_written_as_they_are(tmp_path: Path) -> None:
    texts = {"a.py": "a\r\nb\n", "b.py": "no newline", "c.py": "é"}
    for name in texts:
        (tmp_path / name).write_text("old")
    (tmp_path / "a.py").chmod(0o755)
    apply_files(tmp_path, texts)
    assert {name: (tmp_path / name).read_bytes().decode() for name in texts} == texts
    assert (tmp_path / "a.py").stat().st_mode & 0o777 == 0o755


def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "b.py").mkdir()
    with pytest.raises(EnneadError, match=r"cannot write .*b\.py: Is a directory"):
        apply_files(tmp_path, {"a.py": "", "b.py": ""})
    assert (tmp_path / "a.py").exists()

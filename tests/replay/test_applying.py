import subprocess
from pathlib import Path

import pytest

from ennead.kernel.errors import EnneadError
from ennead.kernel.finding import Verification
from ennead.replay.applying import apply_change
from ennead.runs.kept_changes import KeptChange

_SEEN = Verification("verified", "", {}, {}, 1.0, 1.0, (), ())


def _change(before: str | None = "x = 1\r\n", name: str = "a.py") -> KeptChange:
    return KeptChange(finding_ids=("f1:1",), before={name: before}, after={name: "x = 2\r\n"}, verification=_SEEN)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "a.py").write_bytes(b"x = 1\r\n")
    return folder


def _commit(root: Path) -> None:
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org"]
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "x"]):
        subprocess.run([*git, *arguments], cwd=root, check=True)


def test_the_files_are_written_as_they_were_verified(root: Path) -> None:
    _commit(root)
    assert apply_change(root, _change()) == ["a.py"]
    assert (root / "a.py").read_bytes() == b"x = 2\r\n"


def test_a_new_file_is_written(root: Path) -> None:
    assert apply_change(root, _change(None, "new.py")) == ["new.py"]
    assert (root / "new.py").read_bytes() == b"x = 2\r\n"


def test_a_new_file_beside_a_committed_one_is_no_uncommitted_edit(root: Path) -> None:
    _commit(root)
    both = KeptChange(
        finding_ids=("f1:1",),
        before={"a.py": "x = 1\r\n", "new.py": None},
        after={"a.py": "x = 2\r\n", "new.py": "y"},
        verification=_SEEN,
    )
    assert apply_change(root, both) == ["a.py", "new.py"]
    (root / "new.py").unlink()
    (root / "a.py").write_bytes(b"x = 1\r\n")
    (root / "b.py").write_text("")
    untracked = KeptChange(
        finding_ids=(), before={**both.before, "b.py": ""}, after={**both.after, "b.py": "z"}, verification=_SEEN
    )
    with pytest.raises(EnneadError, match=r"b\.py has uncommitted edits"):
        apply_change(root, untracked)


@pytest.mark.parametrize("before", ["x = 1\n", "x = 0\r\n", None])
def test_other_files_than_those_it_was_verified_on_are_refused(before: str | None, root: Path) -> None:
    with pytest.raises(EnneadError, match=r"a\.py was changed since the fix was verified"):
        apply_change(root, _change(before), force=True)
    assert (root / "a.py").read_bytes() == b"x = 1\r\n"


def test_uncommitted_edits_are_refused_unless_forced(root: Path) -> None:
    (root / "a.py").write_text("x = 0\n")
    _commit(root)
    (root / "a.py").write_bytes(b"x = 1\r\n")
    with pytest.raises(EnneadError, match=r"a\.py has uncommitted edits"):
        apply_change(root, _change())
    assert (root / "a.py").read_bytes() == b"x = 1\r\n"
    assert apply_change(root, _change(), force=True) == ["a.py"]


@pytest.mark.parametrize("name", ["../outside.py", "/outside.py", "link.py", "linked/b.py"])
def test_nothing_outside_of_the_project_is_written(name: str, root: Path) -> None:
    outside = root.parent / "outside.py"
    outside.write_bytes(b"x = 1\r\n")
    (root / "link.py").symlink_to(outside)
    (root / "linked").symlink_to(root.parent)
    with pytest.raises(EnneadError, match="no file of the project"):
        apply_change(root, _change(None if "b.py" in name else "x = 1\r\n", name), force=True)
    assert outside.read_bytes() == b"x = 1\r\n"
    assert not (root.parent / "b.py").exists()

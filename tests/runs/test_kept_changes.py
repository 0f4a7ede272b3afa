from pathlib import Path

import pytest

from ennead.kernel.errors import EnneadError
from ennead.kernel.finding import Verification
from ennead.runs.folder import RunFolder
from ennead.runs.kept_changes import KeptChange, find_change, keep_changes, read_changes

_SEEN = Verification("verified", "", {10: 11, 50: 51}, {10: 1, 50: 1}, 1.0, 0.5, ("stdout",), ())


def _change(finding: str, after: str = "new") -> KeptChange:
    return KeptChange(finding_ids=(finding,), before={"a.py": "old"}, after={"a.py": after}, verification=_SEEN)


def _run(folder: Path, name: str = "run") -> RunFolder:
    (folder / name).mkdir()
    return RunFolder(folder / name)


def test_what_was_kept_is_read_again(tmp_path: Path) -> None:
    run = _run(tmp_path)
    keep_changes(run, [_change("f1:1"), _change("f1:2", "newer")])
    keep_changes(run, [_change("f1:1")])
    assert read_changes(run) == [_change("f1:2", "newer"), _change("f1:1")]


def test_a_run_without_changes_has_none(tmp_path: Path) -> None:
    run = _run(tmp_path)
    keep_changes(run, [])
    assert read_changes(run) == []
    assert list(run.path.iterdir()) == []


def test_a_change_is_found_by_its_id_and_by_its_finding_the_newest_first(tmp_path: Path) -> None:
    old, new = _run(tmp_path, "1"), _run(tmp_path, "2")
    keep_changes(old, [_change("f1:12")])
    keep_changes(new, [_change("f1:12", "newer")])
    assert find_change([old, new], "f1:1") == _change("f1:12", "newer")
    assert find_change([old, new], _change("f1:12").id) == _change("f1:12")


def test_the_beginning_of_several_ids_names_none(tmp_path: Path) -> None:
    run = _run(tmp_path)
    keep_changes(run, [_change("f1:12"), _change("f1:13", "newer")])
    with pytest.raises(EnneadError, match="beginning of 2 ids, name one: f1:12, f1:13"):
        find_change([run], "f1:1")
    keep_changes(run, [_change("f1:1", "newest")])
    assert find_change([run], "f1:1") == _change("f1:1", "newest")


@pytest.mark.parametrize("name", ["f1:9", "f1:", "", "c1:"])
def test_nothing_else_is_found(name: str, tmp_path: Path) -> None:
    run = _run(tmp_path)
    keep_changes(run, [_change("f1:12")])
    with pytest.raises(EnneadError, match="no verified fix is known"):
        find_change([run], name)


_ONE_TEXT = '{"schema": 1, "changes": [{"finding_ids": [], "before": {}, "after": {"a.py": ""}, "verification": {}}]}'


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"schema": 1}', '{"schema": 1, "changes": [{}]}', '{"schema": 999}', _ONE_TEXT]
)
def test_a_broken_file_is_told(text: str, tmp_path: Path) -> None:
    run = _run(tmp_path)
    (run.path / "changes.json").write_text(text)
    with pytest.raises(EnneadError):
        read_changes(run)

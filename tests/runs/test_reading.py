import json
from pathlib import Path

import pytest

from ennead.kernel.errors import EnneadError
from ennead.runs.folder import RunFolder
from ennead.runs.reading import PythonProcess, RecordFile, read_processes, read_run
from ennead.runs.records import Record, UnitRecord
from tests.reporting.findings import finding
from tests.runs.units import unit


def _line(record: UnitRecord) -> str:
    return json.dumps(record.to_dict()) + "\n"


def _names(records: list[Record]) -> list[str]:
    return [record.name for record in records if isinstance(record, UnitRecord)]


BROKEN = {
    "no valid JSON": '{"type": "unit", \n',
    "'name' is missing": '{"type": "unit", "schema": 1}\n',
    "TypeError: a record is a JSON object": "[1, 2]\n",
    "upgrade ennead": '{"type": "unit", "schema": 99}\n',
    "ValueError": _line(unit()).replace("2026-11-02T", "yesterday "),
    "cut off in the middle": _line(unit())[:40],
}


@pytest.mark.parametrize(("reason", "line"), BROKEN.items(), ids=BROKEN)
def test_a_broken_line_costs_itself_only(tmp_path: Path, reason: str, line: str) -> None:
    path = tmp_path / "1-a.jsonl"
    after = "" if "cut off" in reason else _line(unit(name="after"))
    path.write_text(_line(unit(name="before")) + line + after)
    file = RecordFile(path)
    assert _names(list(file.read())) == ["before", "after"][: 1 + bool(after)]
    (problem,) = file.problems
    assert problem[:2] == ("1-a.jsonl", 2)
    assert reason in problem.reason


def test_bytes_that_are_no_text_are_a_broken_line(tmp_path: Path) -> None:
    path = tmp_path / "1-a.jsonl"
    path.write_bytes(b"\xff\xfe\x00\n" + _line(unit(name="after")).encode())
    file = RecordFile(path)
    assert _names(list(file.read())) == ["after"]
    assert len(file.problems) == 1


def test_empty_lines_are_none(tmp_path: Path) -> None:
    path = tmp_path / "1-a.jsonl"
    path.write_text("\n" + _line(unit()) + "\n")
    file = RecordFile(path)
    assert len(list(file.read())) == 1
    assert not file.problems


def test_a_growing_file_is_read_piece_by_piece(tmp_path: Path) -> None:
    path = tmp_path / "1-a.jsonl"
    path.write_text(_line(unit(name="one")) + _line(unit(name="two"))[:30])
    file = RecordFile(path)
    assert _names(list(file.read(to_the_end=False))) == ["one"]
    assert _names(list(file.read(to_the_end=False))) == []
    with path.open("a") as grown:
        grown.write(_line(unit(name="two"))[30:] + _line(unit(name="three")))
    assert _names(list(file.read(to_the_end=False))) == ["two", "three"]
    assert not file.problems


def test_a_run_is_all_its_files(tmp_path: Path) -> None:
    (tmp_path / "1-b.jsonl").write_text(_line(unit(finding(), name="later")))
    (tmp_path / "2-a.jsonl").write_text("nonsense\n" + _line(unit(name="earlier")))
    (tmp_path / "processes.jsonl").write_text(
        '{"pid": 1, "parent_pid": 0, "executable": "/bin/python", "python": "3.11.7", "problem": null}\nnonsense\n'
    )
    records = read_run(RunFolder(tmp_path))
    assert [record.name for record in records.units] == ["earlier", "later"]
    assert [str(problem) for problem in records.problems] == ["2-a.jsonl:1: no valid JSON"]
    assert records.started == (PythonProcess(1, "/bin/python", "3.11.7", None),)


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "1-a.jsonl").mkdir()
    with pytest.raises(EnneadError, match=r"1-a\.jsonl cannot be read"):
        read_run(RunFolder(tmp_path))


def test_no_processes_without_the_file(tmp_path: Path) -> None:
    assert list(read_processes(RunFolder(tmp_path))) == []

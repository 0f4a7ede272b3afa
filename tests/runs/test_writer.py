import json
import resource
import subprocess
import sys
from pathlib import Path

from ennead.runs.writer import RecordWriter


def test_appends_one_line_for_each_record(tmp_path: Path) -> None:
    path = tmp_path / "1-x.jsonl"
    writer = RecordWriter(str(path), 10_000)
    assert writer.append({"a": "é\n"})
    assert writer.append({"b": 2})
    assert [json.loads(line) for line in path.read_bytes().splitlines()] == [{"a": "é\n"}, {"b": 2}]


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "1-x.jsonl"
    RecordWriter(str(path), 100).append({})
    assert path.stat().st_mode & 0o077 == 0


def test_refuses_and_counts_what_is_too_much(tmp_path: Path) -> None:
    path = tmp_path / "1-x.jsonl"
    writer = RecordWriter(str(path), 20)
    assert writer.append({"a": 1})
    assert not writer.append({"a": "x" * 20})
    assert writer.append({"b": 2})
    assert (writer.refused_count, writer.error_count) == (1, 0)
    assert path.read_text() == '{"a":1}\n{"b":2}\n'


def test_counts_what_cannot_be_written(tmp_path: Path) -> None:
    writer = RecordWriter(str(tmp_path / "gone" / "1-x.jsonl"), 1000)
    assert not writer.append({"a": 1})
    assert writer.error_count == 1


def test_keeps_no_descriptor_that_a_host_could_close_and_reuse(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    RecordWriter(str(tmp_path / "1-x.jsonl"), 1000).append({"a": 1})
    assert len(list(Path("/proc/self/fd").iterdir())) == before


_FULL_DISK = """
import json, resource, signal, sys
from ennead.runs.writer import RecordWriter
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
writer = RecordWriter(sys.argv[1], 1000)
resource.setrlimit(resource.RLIMIT_FSIZE, (12, resource.RLIM_INFINITY))
print(writer.append({"a": 1}), writer.append({"torso": "of a line"}), end=" ")
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(writer.append({"b": 2}), writer.error_count)
"""


def test_what_follows_a_torso_is_not_glued_to_it(tmp_path: Path) -> None:
    """A limit on the size of files cuts a write short just as a full disk does."""
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY
    path = tmp_path / "1-x.jsonl"
    completed = subprocess.run([sys.executable, "-c", _FULL_DISK, path], capture_output=True, text=True, check=True)
    assert completed.stdout == "True False True 1\n"
    assert path.read_text() == '{"a":1}\n{"to\n{"b":2}\n'

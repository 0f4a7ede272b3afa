from __future__ import annotations

from pathlib import Path

import pytest

from ennead.kernel.errors import EnneadError
from ennead.training.examples import Example, read_examples, write_examples

EXAMPLE = Example(
    "shöp", "1", "", 6, "sql", "a", "verdict",
    label=True, baselines={"rules": 60.0}, veto="", features={"log_count": 2.0},
)  # fmt: skip


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    write_examples(tmp_path / "corpus.csv", [EXAMPLE])
    return tmp_path / "corpus.csv"


def test_what_is_written_is_read(corpus: Path) -> None:
    (read,) = read_examples(corpus)
    assert (read.application, read.label, read.features["log_count"]) == ("shöp", True, 2.0)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (b"\xff\xfe", "codec can't decode byte 0xff"),
        (b"x" * 200_000, "field larger than field limit"),
        (b"\0", "is no CSV in UTF-8|no such level"),  # whether NUL is allowed depends on the version of Python
    ],
)
def test_what_is_no_csv_is_told_with_the_file(corpus: Path, more: bytes, why: str) -> None:
    corpus.write_bytes(corpus.read_bytes() + more)
    with pytest.raises(EnneadError, match=why) as caught:
        list(read_examples(corpus))
    assert str(caught.value).startswith(str(corpus))


def test_what_cannot_be_decoded_from_the_first_byte_on_is_told_with_the_way_out(corpus: Path) -> None:
    corpus.write_bytes(b"\xff\xfe")
    with pytest.raises(EnneadError, match=r"corpus\.csv is no CSV in UTF-8 \(.*\): derive the corpus again, or name"):
        list(read_examples(corpus))

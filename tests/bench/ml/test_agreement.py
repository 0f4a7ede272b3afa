"""Two readings compared."""

from pathlib import Path

import pytest

from bench.ml import agreement
from bench.ml.agreement import Compared, Reading, first_verdict, kappa, keep, read
from bench.real_apps.labels import parse


def test_kappa_takes_chance_away() -> None:
    assert kappa([("a", "a"), ("b", "b")]) == 1.0
    assert kappa([("a", "a"), ("a", "b"), ("b", "a"), ("b", "b")]) == 0.0
    assert kappa([("a", "a")] * 3) == 1.0


def test_answers_are_kept_without_statements_and_read_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    groups, answers, kept = (tmp_path / name for name in ("groups.tsv", "answers.tsv", "kept.tsv"))
    rows = [
        "number\trelease\taction\tfingerprint\tstatement\tcounts\tdistinct\tlines\tfolder",
        '1\toscar\tbasket\tf1\tSELECT "x"\t3/6/12\t3/6/12\ta.py:1\t/srv',
        "2\toscar\tbasket\tf2\tSELECT 2\t2/2/2\t1/1/1\ta.py:2\t/srv",
    ]
    groups.write_text("\n".join(rows) + "\n")
    answers.write_text("1\tn-plus-one\teach line\n")

    keep(groups, [answers], kept)

    assert list(read(kept)) == [Reading("oscar", "basket", "f1", "3/6/12", "n-plus-one", "each line")]
    assert "SELECT" not in kept.read_text()
    assert "group 2 has no answer" in capsys.readouterr().err


def test_a_verdict_that_there_is_not_is_refused(tmp_path: Path) -> None:
    groups, answers = tmp_path / "groups.tsv", tmp_path / "answers.tsv"
    groups.write_text("1\toscar\tbasket\tf1\tSELECT\t3/6/12\t3/6/12\ta.py:1\t/srv\n")
    answers.write_text("1\tperhaps\t\n")

    with pytest.raises(ValueError, match="'perhaps'"):
        keep(groups, [answers], tmp_path / "kept.tsv")


def test_the_first_verdict_is_the_label_or_growth(monkeypatch: pytest.MonkeyPatch) -> None:
    text = """
    [[group]]
    action = "page"
    fingerprint = "structural"
    label = "structural"
    reason = "chunks"
    read = "a.py:1"
    [[group]]
    action = "page"
    fingerprint = "capped"
    label = "n-plus-one"
    capped = true
    read = "a.py:1"
    [[group]]
    action = "page"
    fingerprint = "repaired"
    label = "n-plus-one"
    read = "a.py:1"
    """
    labels = parse(text)
    monkeypatch.setattr(agreement, "labels_of", lambda application: labels)

    def first(fingerprint: str, counts: str) -> str:
        return first_verdict(Reading("oscar", "page", fingerprint, counts, "no", ""))

    assert first("structural", "3/6/12") == "structural"
    assert first("capped", "3/3/3") == "n-plus-one"
    assert first("repaired", "3/3/3") == "no"
    assert first("repaired", "3/6/12") == "n-plus-one"
    assert first("unread", "3/6/12") == "n-plus-one"
    assert first("unread", "3/3/3") == "no"


def test_readers_agree_on_whether_it_is_an_n_plus_one() -> None:
    reading = Reading("oscar", "page", "f", "3/6/12", "duplicate", "")

    assert Compared(reading, "structural").agrees
    assert not Compared(reading, "n-plus-one").agrees

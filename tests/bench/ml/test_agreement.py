"""Two readings compared."""

from pathlib import Path

import pytest

from bench.ml import agreement
from bench.ml.agreement import Compared, Reading, compare, kappa, keep, read, show
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
        (compared,) = compare([Reading("oscar", "page", fingerprint, counts, "no", "")])
        return compared.first

    assert first("structural", "3/6/12") == "structural"
    assert first("capped", "3/3/3") == "n-plus-one"
    assert first("repaired", "3/3/3") == "no"
    assert first("repaired", "3/6/12") == "n-plus-one"
    assert first("unread", "3/6/12") == "n-plus-one"
    assert first("unread", "3/3/3") == "no"


def test_readers_agree_on_whether_it_is_an_n_plus_one() -> None:
    reading = Reading("oscar", "page", "f", "3/6/12", "duplicate", "")

    assert Compared(reading, "structural", was_read=True).agrees
    assert not Compared(reading, "n-plus-one", was_read=True).agrees


def test_figures_table_and_disagreements_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    readings = [Reading("oscar", "page", f"f{number}", "3/6/12", "n-plus-one", "") for number in range(3)]
    other = Reading("oscar", "basket", "f9", "2/2/2", "duplicate", "the user again")
    compared = [Compared(each, "n-plus-one", was_read=True) for each in readings]

    show([*compared, Compared(other, "n-plus-one", was_read=True), Compared(other, "no", was_read=False)])

    told = capsys.readouterr().out
    assert "5 groups, 4 of them read before; whether it is an N+1: agreed on 4 (80.0%), kappa 0.545" in told
    assert "oscar, basket, f9, 2/2/2: n-plus-one, then duplicate: the user again" in told
    assert told.count("f9") == 1


def test_at_least_300_groups_were_read_twice_and_mostly_alike() -> None:
    compared = list(compare(read(agreement.KEPT)))

    assert len(compared) >= 300
    assert {each.reading.verdict for each in compared} == set(agreement.VERDICTS)
    assert kappa([(each.first == "n-plus-one", each.reading.verdict == "n-plus-one") for each in compared]) > 0.8

"""``ennead verdict`` and ``ennead threshold``: given, listed, taken back, and never more than was said."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ennead.cli.main import ennead
from ennead.store.history import known_patterns
from ennead.store.memory import open_memory
from tests.cli.memories import CUSTOMER, TAGS, remembered


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ENNEAD_PROJECT_ROOT", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    remembered(tmp_path)
    return tmp_path


def _ennead(*arguments: str) -> Result:
    return CliRunner().invoke(ennead, list(arguments))


def test_a_verdict_is_given_listed_and_undone(folder: Path) -> None:
    assert _ennead("verdict", TAGS.id, "noise", "--reason", "three rows").output == (
        f"{TAGS.id}  shop.Product.tags\n  noise: reports keep it back\n"
    )
    assert "noise    " + TAGS.id + "  shop.Product.tags  three rows" in _ennead("verdict", "--list").output
    assert "the verdict noise is taken back" in _ennead("verdict", TAGS.id, "--undo").output
    (told,) = json.loads(_ennead("verdict", "--list", "--json").output)
    assert (told["verdict"], told["reason"], told["undone"]) == ("noise", "three rows", True)


def test_json_tells_what_became_of_it(folder: Path) -> None:
    told = json.loads(_ennead("verdict", CUSTOMER.id, "wontfix", "--json").output)
    assert (told["pattern"], told["verdict"], told["is_shown"], told["threshold"]) == (
        CUSTOMER.id,
        "wontfix",
        False,
        50.0,
    )


def test_the_list_begins_empty(folder: Path) -> None:
    assert "no verdicts yet" in _ennead("verdict", "--list").output
    assert _ennead("verdict", "--list", "--json").output == "[]\n"


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        [TAGS.id],
        ["--list", "--undo"],
        [TAGS.id, "--list"],
        [TAGS.id, "noise", "--undo"],
        [TAGS.id, "--undo", "--reason", "x"],
    ],
)
def test_half_a_question_is_a_usage_error(folder: Path, arguments: list[str]) -> None:
    told = _ennead("verdict", *arguments)
    assert told.exit_code == 2
    assert "Usage:" in told.output


def test_an_unknown_finding_is_told_in_one_line(folder: Path) -> None:
    told = _ennead("verdict", "f1:none", "noise")
    assert (told.exit_code, told.output.count("\n")) == (2, 1)
    assert "no pattern called 'f1:none' is remembered" in told.output


def test_without_a_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENNEAD_PROJECT_ROOT", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert "nothing is remembered yet" in _ennead("verdict", "f1:none", "noise").output
    assert "threshold  50" in _ennead("threshold", "show").output
    assert "nothing is remembered yet" in _ennead("threshold", "undo").output


class TestThreshold:
    def test_tells_where_it_stands_and_what_it_takes_to_move(self, folder: Path) -> None:
        _ennead("verdict", TAGS.id, "useful")
        output = _ennead("threshold", "show").output
        assert "threshold  50  (from 50 to 80)" in output
        assert "1 pattern judged, 100% of them useful" in output
        assert "a first step takes 10 judged patterns, 5 of them useful" in output
        told = json.loads(_ennead("threshold", "show", "--json").output)
        assert (told["threshold"], told["judged_count"], told["target_precision"]) == (50.0, 1, 0.9)

    def test_logs_what_was_done_and_takes_it_back(self, folder: Path) -> None:
        assert _ennead("threshold", "log").output == "the threshold has not moved yet\n"
        assert "reset  50 -> 50" in _ennead("threshold", "reset").output
        assert "undo   50 -> 50" in _ennead("threshold", "undo").output
        told = json.loads(_ennead("threshold", "log", "--json").output)
        assert [(each["kind"], each["undone"]) for each in told] == [("undo", False), ("reset", True)]
        assert "made no step that could be undone" in _ennead("threshold", "undo").output

    def test_three_patterns_are_too_few_for_a_step(self, folder: Path) -> None:
        for known in known_patterns(open_memory(str(folder), folder / ".ennead")):
            assert "the threshold goes" not in _ennead("verdict", known.pattern, "noise").output

"""``ennead verdict`` without a finding: what is proposed, and what the keys do."""

import json
import os
import pty
import select
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest
from click.testing import CliRunner, Result

from ennead.cli.main import ennead
from ennead.cli.verdict_next import walk
from ennead.store.memory import Memory
from ennead.store.verdicts import given_verdicts
from tests.cli.memories import CUSTOMER, TAGS, remembered

LONGEST_SECONDS = 60


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Memory:
    monkeypatch.setenv("ENNEAD_PROJECT_ROOT", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return remembered(tmp_path)


def _ennead(*arguments: str) -> Result:
    return CliRunner().invoke(ennead, list(arguments))


def _walk(memory: Memory, keys: str) -> None:
    pressed = iter(keys)
    walk(memory, None, lambda: next(pressed))


def _said(memory: Memory) -> list[tuple[str, str, bool]]:
    return [(each.pattern, each.verdict, each.undone) for each in given_verdicts(memory)]


class TestNext:
    def test_lists_what_is_open_and_asks_nothing(self, memory: Memory) -> None:
        told = _ennead("verdict", "--next")
        assert told.exit_code == 0
        assert [line for line in told.output.splitlines() if line.startswith("f1:")] == [
            f"{TAGS.id}  shop.Product.tags",
            f"{CUSTOMER.id}  shop.Order.customer",
        ]
        assert "  shop/views.py in order_list\n  12 queries in 2 units of work; confidence 90, the model gives it " in (
            told.output
        )
        assert _said(memory) == []

    def test_lists_no_more_than_was_asked_for_and_nothing_that_was_judged(self, memory: Memory) -> None:
        assert _ennead("verdict", "--next", "1").output.count("f1:") == 1
        _ennead("verdict", TAGS.id, "noise")
        (told,) = json.loads(_ennead("verdict", "--next", "--json").output)
        assert (told["pattern"], told["query_count"], told["unit_count"]) == (CUSTOMER.id, 12, 2)
        assert 0.0 < told["model_probability"] < 1.0
        _ennead("verdict", CUSTOMER.id, "useful")
        assert "nothing to judge" in _ennead("verdict", "--next").output
        assert _ennead("verdict", "--next", "--json").output == "[]\n"

    @pytest.mark.parametrize("arguments", [["--next", "0"], ["--next", "2", "--list"], [CUSTOMER.id, "--next", "2"]])
    def test_half_a_question_is_a_usage_error(self, memory: Memory, arguments: list[str]) -> None:
        assert _ennead("verdict", *arguments).exit_code == 2

    def test_without_a_memory(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ENNEAD_PROJECT_ROOT", str(tmp_path))
        monkeypatch.chdir(tmp_path)
        assert "nothing is remembered yet" in _ennead("verdict", "--next").output


class TestWalk:
    def test_a_key_is_a_verdict(self, memory: Memory, capsys: pytest.CaptureFixture[str]) -> None:
        _walk(memory, "nw")
        assert _said(memory) == [(CUSTOMER.id, "wontfix", False), (TAGS.id, "noise", False)]
        assert "2 verdicts given" in capsys.readouterr().out

    def test_skipping_and_quitting_say_nothing(self, memory: Memory, capsys: pytest.CaptureFixture[str]) -> None:
        _walk(memory, "sq")
        _walk(memory, "\x03")
        assert _said(memory) == []
        assert "0 verdicts given" in capsys.readouterr().out

    def test_other_keys_are_not_heard(self, memory: Memory) -> None:
        _walk(memory, "xU1q")
        assert _said(memory) == [(TAGS.id, "useful", False)]

    def test_back_takes_the_last_one_back_and_asks_again(self, memory: Memory) -> None:
        _walk(memory, "bnbuq")
        assert _said(memory) == [(TAGS.id, "useful", False), (TAGS.id, "noise", True)]

    def test_back_over_one_that_was_skipped_takes_nothing_back(self, memory: Memory) -> None:
        _walk(memory, "sbuq")
        assert _said(memory) == [(TAGS.id, "useful", False)]

    def test_with_nothing_left_nothing_is_asked(self, memory: Memory, capsys: pytest.CaptureFixture[str]) -> None:
        _walk(memory, "nn")
        capsys.readouterr()
        _walk(memory, "")
        assert "nothing to judge" in capsys.readouterr().out


def test_on_a_terminal_one_is_asked(memory: Memory, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "ennead", "verdict"]
    with subprocess.Popen(command, cwd=tmp_path, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        try:
            shown = _until(ours, "uit ")
            _press(ours, b"n")
            shown += _until(ours, "uit ")
            _press(ours, b"q")
            shown += _until(ours, "lists them")
            assert process.wait(LONGEST_SECONDS) == 0
        finally:
            os.close(ours)
    assert "1 of 2" in shown
    assert _said(memory) == [(TAGS.id, "noise", False)]


def _press(terminal: int, key: bytes) -> None:
    """As soon as single keys are read: what came before is thrown away."""
    until = monotonic() + LONGEST_SECONDS
    while termios.tcgetattr(terminal)[3] & termios.ICANON:
        assert monotonic() < until
        sleep(0.01)
    os.write(terminal, key)


def _until(terminal: int, text: str) -> str:
    """What a program writes, up to a text of its own."""
    told = ""
    for piece in _pieces(terminal):
        told += piece
        if text in told:
            return told
    raise AssertionError(told)


def _pieces(terminal: int) -> Iterator[str]:
    while select.select([terminal], [], [], LONGEST_SECONDS)[0]:
        yield os.read(terminal, 4096).decode()

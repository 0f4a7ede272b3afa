"""The memo of statements: the same object while it is remembered, and bounded whatever the host runs."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from ennead.agent import statements
from ennead.agent.call_path import CallPath, forget_paths
from ennead.agent.fingerprint import normalize
from ennead.agent.statements import STATEMENTS, Statement, StatementMemo
from ennead.agent.unit_of_work import Site


def _remembered(memo: StatementMemo, texts: list[str]) -> list[bool]:
    """Whether asking again finds the same objects; looks at the memo without touching it."""
    return [text in memo._new or text in memo._old for text in texts]


def test_the_same_text_is_the_same_statement() -> None:
    memo = StatementMemo()
    assert memo.get("SELECT 1") is memo.get("SELECT " + str(1))
    assert memo.get("SELECT 1") is not memo.get("SELECT 2")


def test_what_was_asked_for_lately_is_remembered() -> None:
    memo = StatementMemo(4)
    often = memo.get("SELECT 'often'")
    for number in range(50):
        memo.get(f"SELECT {number}")
        assert memo.get("SELECT 'often'") is often
        assert len(memo._new) + len(memo._old) <= 8
    assert _remembered(memo, ["SELECT 49", "SELECT 0"]) == [True, False]


def test_long_texts_are_bounded_by_their_length(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "MAX_CHARACTERS", 1_000)
    memo = StatementMemo()
    for number in range(100):
        memo.get(f"SELECT {number} " + "x" * 300)
        assert sum(map(len, [*memo._new, *memo._old])) <= 2 * 1_000 + 2 * 400
    text = "SELECT " + "x" * 5_000
    assert memo.get(text) is memo.get(text)


class Composed:
    """As psycopg's: compared by value and therefore not hashable."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Composed)

    __hash__ = None  # type: ignore[assignment]

    def __str__(self) -> str:
        return "SELECT composed"


@pytest.mark.parametrize(
    ("given", "text"),
    [(b"SELECT 1", "SELECT 1"), (b"SELECT '\xff'", "SELECT '\ufffd'"), (Composed(), "SELECT composed"), (None, "None")],
    ids=["bytes", "undecodable", "composed", "none"],
)
def test_texts_that_are_none(given: object, text: str) -> None:
    memo = StatementMemo()
    statement = memo.get(given)  # type: ignore[arg-type]
    assert statement.sql == text
    assert memo.get(given).sql == text  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sql", "writes"),
    [
        ("INSERT INTO book VALUES (1)", True),
        ("  \n update book SET id = 1", True),
        ("REPLACE INTO book VALUES (1)", True),
        ("MERGE INTO book", True),
        ("SELECT 1", False),
        ("DELETE FROM book", False),
        ("", False),
    ],
)
def test_tells_statements_that_carry_values(sql: str, writes: bool) -> None:  # noqa: FBT001 -- a parameter of the test
    assert Statement(sql).writes is writes


def test_sites_are_bounded_and_the_newest_comes_first() -> None:
    statement = Statement("SELECT 1")
    sites = [statement.add_site(Site(statement, CallPath(), None)) for _ in range(50)]
    assert statement.sites == sites[: -statements.MAX_SITES_PER_STATEMENT - 1 : -1]


def test_is_normalised_once_for_each_database() -> None:
    statement = Statement('SELECT "a" FROM book WHERE id = 1')
    plain = statement.normalized()
    assert statement.normalized() is plain
    assert plain.literals == (1,)
    assert statement.normalized("mysql").literals == ("a", 1)
    assert statement.normalized("sqlite").literals == (1,)


def test_forgets_with_the_paths() -> None:
    statement = STATEMENTS.get("SELECT 'forgotten'")
    assert STATEMENTS.get("SELECT 'forgotten'") is statement
    forget_paths()
    assert STATEMENTS.get("SELECT 'forgotten'") is not statement


def test_many_threads_get_statements_of_their_texts() -> None:
    memo = StatementMemo(16)
    wrong: list[str] = []

    def work(seed: int) -> None:
        for number in range(3_000):
            text = f"SELECT {(number * seed) % 100}"
            if memo.get(text).sql != text:
                wrong.append(text)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in (1, 3, 7, 11)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize("command", ["SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT"])
def test_savepoints_are_one_statement_whatever_their_number(command: str) -> None:
    memo = StatementMemo()
    first = memo.get(f'{command} "s139_x7"')
    assert memo.get(f'{command} "s139_x8"') is first
    assert memo.get(f"{command} sa_savepoint_1") is first
    assert first.normalized() == replace(normalize(f'{command} "s139_x7"'), literals=first.normalized().literals)


@pytest.mark.parametrize("text", ["SELECT 'SAVEPOINT s1'", "SAVEPOINT s1; DELETE FROM book", "RELEASE SAVEPOINT"])
def test_what_only_mentions_a_savepoint_stays_as_it_is(text: str) -> None:
    assert StatementMemo().get(text).sql == text


def test_the_place_that_was_met_last_is_looked_at_first() -> None:
    statement = Statement("SELECT 1")
    first, second, third = (statement.add_site(Site(statement, CallPath(), None)) for _ in range(3))
    statement.move_to_front(first)
    assert statement.sites == [first, third, second]
    statement.sites.remove(second)
    statement.move_to_front(second)
    assert statement.sites == [first, third]

"""Candidates that are run: the same result with fewer queries, on real rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from ennead.fixes.sqlalchemy.proposals import propose
from tests.fixes.sqlalchemy.trying import FILE, expectations, findings_of, sources, try_candidates

WORKING = [item for item in expectations() if item[2] != "none"]
WITHOUT = [item for item in expectations() if item[2] == "none"]


@pytest.mark.parametrize(("name", "before", "after"), WORKING, ids=[name for name, _, _ in WORKING])
def test_the_first_candidate_that_works_gives_the_same_result_with_fewer_queries(
    name: str, before: int, after: str, tmp_path: Path
) -> None:
    count, tried = try_candidates(name, tmp_path)
    assert count == before
    best = next((each for each in tried if each.is_same and each.queries < before), tried[0])
    assert f"{best.queries} {best.candidate.strategy}" == after, best.candidate.files[FILE]
    assert best.is_same, best.candidate.files[FILE]


@pytest.mark.parametrize(("name", "before", "after"), WITHOUT, ids=[name for name, _, _ in WITHOUT])
def test_there_is_no_candidate_for_what_no_set_of_equal_keys_answers(
    name: str, before: int, after: str, tmp_path: Path
) -> None:
    count, tried = try_candidates(name, tmp_path)
    assert (count, tried) == (before, [])


@pytest.mark.parametrize("name", ["customer_of_each_order", "legacy_query", "rows_of_each", "tree"])
def test_whatever_a_candidate_does_not_change_stays_as_it_is(name: str, tmp_path: Path) -> None:
    old = str(sources().text(FILE)).splitlines()
    for finding in findings_of(name, tmp_path)[2]:
        for candidate in propose(finding, sources()):
            new = candidate.files.get(FILE, "\n".join(old)).splitlines()
            assert len(set(old) - set(new)) <= 9
            assert "the newest last" in candidate.files.get(FILE, "the newest last")


def test_a_query_that_has_the_option_gets_no_other_one(tmp_path: Path) -> None:
    (finding,) = findings_of("customer_of_each_order", tmp_path)[2]
    first = next(propose(finding, sources()))
    again = list(propose(finding, sources().with_changes(first.files)))
    assert all(
        "joinedload(Order.customer), joinedload(Order.customer)" not in text
        for item in again
        for text in item.files.values()
    )
    assert [item.strategy for item in again if item.strategy == first.strategy] == []


def test_files_of_installed_packages_are_left_alone(tmp_path: Path) -> None:
    (finding,) = findings_of("customer_of_each_order", tmp_path)[2]
    texts = {f"site-packages/{file}": text for file, text in sources().changed.items()}
    elsewhere = sources().__class__(Path("/nowhere"), texts)
    assert list(propose(finding, elsewhere)) == []


def test_relations_that_are_loaded_eagerly_for_everybody_come_last(tmp_path: Path) -> None:
    (finding,) = findings_of("customer_of_each_order", tmp_path)[2]
    strategies = [item.strategy for item in propose(finding, sources())]
    assert strategies == ["joinedload", "selectinload", "relationship-lazy"]

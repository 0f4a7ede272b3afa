from __future__ import annotations

from math import isnan, nan
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ennead.domains.nplusone.levels import LEVELS
from ennead.kernel.errors import EnneadError
from ennead.training.examples import Example
from ennead.training.tuning_labels import (
    COLUMNS,
    LabelledGroup,
    labels_of,
    read_labels,
    read_shipped,
    shipped_file,
    write_labels,
)

HEADER = ",".join(COLUMNS)
TENTHS = st.integers(0, 1000).map(lambda tenths: tenths / 10)
GROUPS = st.lists(
    st.builds(
        LabelledGroup,
        st.sampled_from(LEVELS),
        st.sampled_from(["oscar", "a,b", 'quo"ted']),
        st.booleans(),
        TENTHS,
        TENTHS,
    ),
    max_size=20,
)


@given(GROUPS)
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, groups: list[LabelledGroup]) -> None:
    file = tmp_path_factory.mktemp("labels") / "tuning.csv"
    line_count = write_labels(file, groups)
    assert sorted(read_labels(file.read_text(), "tuning.csv")) == sorted(groups)
    assert line_count == len(set(groups)) == len(file.read_text().splitlines()) - 1


def test_a_missing_model_is_nan(tmp_path: Path) -> None:
    file = tmp_path / "tuning.csv"
    write_labels(file, [LabelledGroup("sql", "oscar", label=True, rules=62.04, model=nan)])
    assert file.read_text() == f"{HEADER}\nsql,oscar,1,62.0,,1\n"
    (group,) = read_labels(file.read_text(), "tuning.csv")
    assert isnan(group.model)
    assert group.rules == 62.0


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("half,oscar,1,62,,1", "no such level or label: half, 1"),
        ("full,oscar,yes,62,,1", "no such level or label: full, yes"),
        ("full,oscar,1,101,,1", "from 0 to 100, got 101"),
        ("full,oscar,1,62,nan,1", "from 0 to 100, got nan"),
        ("full,oscar,1,62,,many", "invalid literal"),
    ],
)
def test_a_broken_line_is_named(line: str, told: str) -> None:
    with pytest.raises(EnneadError, match=rf"^tuning.csv, line 2: .*{told}"):
        list(read_labels(f"{HEADER}\n{line}\n", "tuning.csv"))


def test_another_file_is_told() -> None:
    with pytest.raises(EnneadError, match=r"^other\.csv has not the columns level, application"):
        list(read_labels("a,b\n1,2\n", "other.csv"))


class Sure:
    """Says the same of every group."""

    name = "sure"

    def probability(self, features: object, /) -> float:
        return 0.9


def example(*, label: bool = True, rules: float = 80.0, veto: str = "") -> Example:
    return Example("shop", "1", "GET /", 6, "full", "abc", "scenario", label, {"rules": rules}, veto, {})


def test_a_look_alike_of_the_rules_has_no_confidence() -> None:
    found = list(labels_of([example(), example(label=False, veto="pages")], {}))
    assert [group.rules for group in found] == [80.0, 0.0]
    assert all(isnan(group.model) for group in found)
    found = list(labels_of([example(), example(label=False, veto="pages")], {"full": Sure()}))
    assert [group.model for group in found] == [90.0, 0.0]


def test_the_model_of_the_level_scores() -> None:
    (group,) = labels_of([example()], {"full": Sure()})
    assert group.model == 90.0
    (group,) = labels_of([example()], {"sql": Sure()})
    assert isnan(group.model)


def test_the_shipped_labels_are_small_and_readable() -> None:
    groups = list(read_shipped())
    assert len(shipped_file().read_bytes()) < 300_000
    assert {group.level for group in groups} == set(LEVELS)
    assert {group.label for group in groups} == {True, False}

"""What the marks of a scenario say of the groups of its context."""

from dataclasses import replace

import pytest

from bench.detection.scenario import ROOT
from bench.ml.corpus.suites import Marks
from ennead.domains.nplusone.examples import example_contexts
from ennead.domains.nplusone.groups import group_queries

CONTEXT = replace(example_contexts()[0], project_root=str(ROOT))


def _labels(label: str, access: list[list[object]], loop: list[list[object]] | None = None) -> list[bool | None]:
    answer = {"label": label, "marks": {"access": access, "loop": loop or [], "origin": []}}
    marks = Marks(CONTEXT, answer)
    truths = [marks.truth(group) for group in group_queries(CONTEXT)]
    return [truth and truth.is_n_plus_one for truth in truths]


def test_the_group_with_the_marked_access_is_the_n_plus_one_and_of_others_nobody_knows() -> None:
    assert _labels("n-plus-one", [["shop/views.py", 12]]) == [None, True]
    assert _labels("n-plus-one", [["shop/views.py", 99]]) == [None, None]


@pytest.mark.parametrize("label", ["look-alike", "duplicate"])
def test_in_a_look_alike_nothing_is_an_n_plus_one(label: str) -> None:
    assert _labels(label, []) == [False, False]


def test_what_ran_once_is_none_though_its_line_is_marked() -> None:
    assert _labels("n-plus-one", [["shop/views.py", 10]]) == [None, None]

"""What is proposed: open, shown, unjudged findings of the last runs, with the model's word where it has one."""

from collections.abc import Mapping

import pytest

from ennead.domains.nplusone.model import Models
from ennead.store.memory import Memory
from ennead.store.proposals import Proposal, proposals
from ennead.store.remembering import remember
from ennead.store.verdicts import give_verdict, undo_verdict
from tests.store.conftest import finding, run, seen

SURE = finding("shop.Order.customer")
DOUBTFUL = finding("shop.Order.lines", confidence=60.0)
FREQUENT = finding("shop.Product.tags", confidence=60.0)
NONE = Models("/nowhere")


class _Plain:
    """A model that gives what it finds in a feature."""

    name = "plain 1"

    def probability(self, features: Mapping[str, float], /) -> float:
        return features["supplied_ratio"]


class _Broken:
    name = "broken 1"

    def probability(self, _features: Mapping[str, float], /) -> float:
        return float("nan")


def _names(memory: Memory, models: Models = NONE) -> list[str | None]:
    return [each.known.about for each in proposals(memory, models)]


def _only(memory: Memory, models: Models) -> Proposal:
    (found,) = proposals(memory, models)
    return found


def test_what_is_doubtful_and_frequent_comes_first(either: Memory) -> None:
    remember(either, run(0, seen(SURE), seen(DOUBTFUL, units=1), seen(FREQUENT, units=30)))
    assert _names(either) == ["shop.Product.tags", "shop.Order.lines", "shop.Order.customer"]


def test_what_has_a_verdict_is_never_proposed_until_it_is_taken_back(either: Memory) -> None:
    remember(either, run(0, seen(SURE), seen(DOUBTFUL)))
    for verdict in ("noise", "wontfix", "useful"):
        give_verdict(either, DOUBTFUL.id, verdict)
        assert _names(either) == ["shop.Order.customer"]
        undo_verdict(either, DOUBTFUL.id)
    assert _names(either) == ["shop.Order.lines", "shop.Order.customer"]


def test_what_is_fixed_or_suppressed_is_not_proposed(either: Memory) -> None:
    remember(either, run(0, seen(SURE), seen(DOUBTFUL), seen(FREQUENT)))
    remember(either, run(1, seen(SURE), seen(finding("shop.Product.tags", suppressed="small"))))
    assert _names(either) == ["shop.Order.customer"]


def test_what_no_remembered_run_has_is_not_proposed(either: Memory) -> None:
    remember(either, run(0, seen(DOUBTFUL, places=("carts/",)), places=("carts/",)))
    for day in range(1, 22):
        remember(either, run(day, seen(SURE)))
    assert _names(either) == ["shop.Order.customer"]


def test_the_newest_sighting_is_the_one_that_is_told(either: Memory) -> None:
    remember(either, run(0, seen(SURE, units=9)))
    remember(either, run(1, seen(finding("shop.Order.customer", count=5), units=3)))
    found = _only(either, NONE)
    assert (found.query_count, found.unit_count, found.run_id) == (5, 3, "20261103T090000Z-000001")


def test_the_models_word_goes_before_the_rules(either: Memory) -> None:
    remember(either, run(0, seen(SURE)))
    assert _only(either, Models.only(_Plain())).model_probability == 0.9
    assert _only(either, Models.only(_Plain())).probability == 0.9
    remember(either, run(1, seen(SURE, features={"supplied_ratio": 0.2})))
    assert _only(either, Models.only(_Plain())).probability == 0.2


@pytest.mark.parametrize("models", [NONE, Models.only(_Broken())], ids=["none", "broken"])
def test_without_a_models_word_the_rules_stand(either: Memory, models: Models) -> None:
    remember(either, run(0, seen(SURE)))
    found = _only(either, models)
    assert (found.model_probability, found.probability) == (None, 0.9)


@pytest.mark.parametrize("sighting", [seen(finding(code="write-n-plus-one")), seen(SURE, features={})])
def test_no_model_is_asked_about_writes_or_queries_that_were_not_kept(either: Memory, sighting: object) -> None:
    remember(either, run(0, sighting))  # type: ignore[arg-type]
    assert _only(either, Models.only(_Plain())).model_probability is None


def test_the_models_that_ship_read_what_is_remembered(memory: Memory) -> None:
    remember(memory, run(0, seen(SURE)))
    told = _only(memory, Models()).model_probability
    assert told is not None
    assert 0.0 < told < 1.0

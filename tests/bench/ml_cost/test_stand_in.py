"""The model that stands in for one that ships, and the table it is measured in."""

from bench.ml_cost.measure import WAYS, Cost
from bench.ml_cost.report import table
from bench.ml_cost.stand_in import LEAVES, TREES, ShippedOrStandIn, stand_in
from ennead.domains.nplusone.features import GROUP_FEATURES
from ennead.domains.nplusone.levels import LEVELS
from ennead.domains.nplusone.model import load_model
from ennead.learners.boosted_trees import BoostedTrees


def test_it_is_as_large_as_one_that_ships() -> None:
    model = stand_in("sql")

    assert isinstance(model.learner, BoostedTrees)
    assert (model.learner.tree_count, len(model.learner.features)) == (TREES, len(GROUP_FEATURES))
    assert LEAVES == 15
    assert (model.level, model.decides) == ("sql", False)
    assert model.probability({"log_count": 0.2}) != model.probability({"log_count": 4.0, "mean_rows": 2.0})


def test_what_ships_goes_first() -> None:
    models = ShippedOrStandIn()

    for level in LEVELS:
        shipped = load_model(level)
        assert models.names[level] == (shipped.name if shipped else f"stand-in {TREES}x{LEAVES}")


def test_the_table_holds_costs_against_the_rules_and_the_budget() -> None:
    costs = [
        Cost(way, "typical", "full", 100, cpu_ms, peak_kib=50.0)
        for way, cpu_ms in zip(WAYS, ([0.5, 0.5], [0.6, 0.8], [1.0, 1.5]), strict=True)
    ]
    rows = table(costs).splitlines()[2:]

    assert rows[0] == (
        "| typical | full | 100 | rules only | 0.50 | 0.50 | 0.50 | 0.50 | 1.00 | 50 | 1 ms, 1,024 KiB | kept |"
    )
    assert "| 0.70 | 0.60 | 0.80 | 0.80 | 1.40 |" in rows[1]
    assert rows[2].endswith("| **exceeded** |")

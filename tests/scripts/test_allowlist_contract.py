"""The walls of the house hold: what the allowlist contract lets through and what it stops."""

import pytest
from grimp import ImportGraph

from scripts.allowlist_contract import AllowlistContract


def _violations(options: dict[str, list[str]], *imports: tuple[str, str]) -> list[str]:
    graph = ImportGraph()
    for importer, imported in imports:
        graph.add_import(importer=importer, imported=imported, line_number=7, line_contents="import it")
    contract = AllowlistContract("a wall", {"root_packages": ["house"]}, options)
    check = contract.check(graph, verbose=False)
    assert check.kept is not bool(check.metadata["violations"])
    found: list[str] = check.metadata["violations"]
    return found


@pytest.mark.parametrize("imported", ["json", "house.kernel", "house.kernel.finding", "house.agent.recorder", "click"])
def test_lets_through(imported: str) -> None:
    options = {"rooms": ["house.agent"], "may_import": ["house.kernel"], "third_party": ["click"]}
    assert _violations(options, ("house.agent.sampling", imported)) == []


@pytest.mark.parametrize("imported", ["house", "house.store", "house.kernels", "house.agents.recorder", "django"])
def test_stops(imported: str) -> None:
    options = {"rooms": ["house.agent"], "may_import": ["house.kernel"], "third_party": ["click"]}
    assert _violations(options, ("house.agent.sampling", imported)) == [
        f"house.agent.sampling imports {imported} (line 7)"
    ]


def test_an_asterisk_lets_every_third_party_package_through_but_no_room() -> None:
    options = {"rooms": ["house.sources"], "third_party": ["*"]}
    imports = [("house.sources.django", "django"), ("house.sources.django", "house.store")]
    assert _violations(options, *imports) == ["house.sources.django imports house.store (line 7)"]


def test_rooms_of_one_contract_do_not_open_onto_each_other() -> None:
    options = {"rooms": ["house.fixes", "house.store"]}
    assert _violations(options, ("house.fixes.replay", "house.store.tables")) == [
        "house.fixes.replay imports house.store.tables (line 7)"
    ]


def test_a_room_that_is_not_built_yet_breaks_nothing() -> None:
    assert _violations({"rooms": ["house.alerts"]}, ("house.agent", "house.kernel")) == []

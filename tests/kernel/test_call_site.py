"""Call sites: what makes two of them the same place, and their way through JSON."""

import json
from dataclasses import FrozenInstanceError, asdict, replace
from typing import Any

import pytest
from hypothesis import given

from ennead.kernel.call_site import CallSite
from tests.kernel.strategies import CALL_SITES

SITE = CallSite(
    "shop/views.py",
    12,
    "order_list",
    "for order in orders:",
    module="shop.views",
    column=4,
    end_line=12,
    end_column=24,
)


@given(CALL_SITES)
def test_survives_json_with_every_field(site: CallSite) -> None:
    again = CallSite.from_dict(json.loads(json.dumps(site.to_dict())))
    assert asdict(again) == asdict(site)


def test_writes_only_fields_with_a_value() -> None:
    assert CallSite("views.py", 3, "").to_dict() == {"file": "views.py", "line": 3, "language": "python"}


def test_writes_the_first_column_although_it_is_zero() -> None:
    assert CallSite("views.py", 3, "f", column=0, end_column=0).to_dict()["column"] == 0


def test_ignores_keys_of_a_newer_version() -> None:
    assert CallSite.from_dict({**SITE.to_dict(), "colour": "red"}) == SITE


@pytest.mark.parametrize("missing", ["file", "line"])
def test_demands_a_place(missing: str) -> None:
    data = SITE.to_dict()
    del data[missing]
    with pytest.raises(KeyError, match=missing):
        CallSite.from_dict(data)


@pytest.mark.parametrize(
    "change",
    [
        {"file": "shop/api.py"},
        {"line": 13},
        {"function": "order_detail"},
        {"column": 5},
        {"end_line": 13},
        {"end_column": 25},
    ],
    ids=lambda change: next(iter(change)),
)
def test_another_place_is_another_call_site(change: dict[str, Any]) -> None:
    assert replace(SITE, **change) != SITE


@pytest.mark.parametrize("change", [{"source": "for order in new_orders:"}, {"note": "iterates"}, {"module": "views"}])
def test_what_is_said_about_a_place_does_not_change_it(change: dict[str, Any]) -> None:
    other = replace(SITE, **change)
    assert other == SITE
    assert hash(other) == hash(SITE)


def test_is_no_other_kind_of_thing() -> None:
    assert SITE != ("shop/views.py", 12, "order_list", 4, 12, 24)


def test_is_immutable() -> None:
    with pytest.raises(FrozenInstanceError):
        SITE.line = 13  # type: ignore[misc]


def test_is_told_as_file_and_line() -> None:
    assert str(SITE) == "shop/views.py:12"

"""What suppresses a finding, in which order, and what a comment that has expired leaves behind."""

import linecache
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from ennead.domains.nplusone.service import NPlusOneDetectionService
from ennead.domains.nplusone.setting_apart import set_apart
from ennead.domains.nplusone.settings import NPlusOneSettings
from ennead.domains.nplusone.suppressions import matching_pattern, suppressions_in
from ennead.domains.nplusone.thresholds import Threshold
from ennead.kernel.finding import Finding
from tests.domains.nplusone.traces import ACCESS, ORIGIN, lazy_orders

TODAY = date(2026, 11, 23)
(FINDING,) = NPlusOneDetectionService().analyze(lazy_orders().context()).findings


@pytest.fixture(autouse=True)
def _no_line_remembered() -> Iterator[None]:
    linecache.clearcache()
    yield
    linecache.clearcache()


def _apart(
    folder: Path, *, access: str = "", origin: str = "", ignore: tuple[str, ...] = (), least: int = 0
) -> Finding:
    lines = [""] * 12
    lines[ORIGIN.line - 1], lines[ACCESS.line - 1] = origin, access
    (folder / "shop").mkdir()
    (folder / "shop" / "views.py").write_text("\n".join(lines), "utf-8")
    settings = NPlusOneSettings(ignore=ignore, thresholds=(Threshold("GET /orders", least),))
    return set_apart(FINDING, ("GET /orders",), settings, str(folder), TODAY)


def test_nothing_leaves_a_finding_as_it_is(tmp_path: Path) -> None:
    assert _apart(tmp_path, access="x  # fine") == FINDING


def test_a_comment_comes_before_the_settings_and_those_before_a_threshold(tmp_path: Path) -> None:
    told = [
        _apart(tmp_path / "a", access="x  # ennead: ok few", ignore=("shop.*",), least=99),
        _apart(tmp_path / "b", ignore=("shop.*",), least=99),
        _apart(tmp_path / "c", least=99),
    ]
    assert [(each.suppressed, each.evidence["suppressed_by"]) for each in told] == [
        ("few", "comment shop/views.py:12"),
        ("ignored by settings: shop.*", "ignore shop.*"),
        ("below the threshold of GET /orders (99 queries)", "thresholds GET /orders"),
    ]


@pytest.fixture(autouse=True)
def _folders(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / name).mkdir()


def test_a_comment_that_has_expired_is_named_in_the_evidence(tmp_path: Path) -> None:
    told = _apart(tmp_path, origin="x  # ennead: ok until spring [until=2026-04-30]")
    assert told.suppressed is None
    assert told.evidence["expired_suppression"] == "shop/views.py:10: until spring (until 2026-04-30)"


def test_one_that_holds_makes_an_expired_one_no_matter(tmp_path: Path) -> None:
    told = _apart(tmp_path, access="x  # ennead: ok old [until=2026-04-30]", origin="y  # ennead: ok few")
    assert (told.suppressed, told.evidence["suppressed_by"]) == ("few", "comment shop/views.py:10")
    assert "expired_suppression" not in told.evidence


def test_an_expired_comment_gives_way_to_the_settings(tmp_path: Path) -> None:
    told = _apart(tmp_path, access="x  # ennead: ok old [until=2026-04-30]", ignore=("shop.*",))
    assert told.evidence["suppressed_by"] == "ignore shop.*"


def test_all_comments_of_a_file() -> None:
    text = "a  # ennead: ok one\nb = '# ennead: ok none'\nc  # other\nd  # ennead: ok [until=2026-01-01]\n"
    assert sorted(suppressions_in(text)) == [1, 4]
    assert sorted(suppressions_in("{{ a }}\n{# ennead: ok few #}{{ b }}", "django-template")) == [2]
    assert suppressions_in("a = 1\n") == suppressions_in("") == {}


def test_further_routes_can_be_named() -> None:
    assert matching_pattern(FINDING, ["export/*"], ["export/pdf"]) == "export/*"
    assert matching_pattern(FINDING, ["export/*"], ["orders/"]) is None

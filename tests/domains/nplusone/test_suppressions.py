"""Suppressions: comments that say why, until when, and what only looks like one."""

import linecache
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ennead.domains.nplusone.observation import QueryExecutionContext
from ennead.domains.nplusone.service import NPlusOneDetectionService
from ennead.domains.nplusone.suppressions import (
    Suppression,
    ignored_by_settings,
    read_suppression,
    suppression_of,
)
from ennead.kernel.call_site import CallSite, Language
from tests.domains.nplusone.traces import ACCESS, CUSTOMER, LOOP, ORIGIN, Trace, lazy_orders, site

TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def _no_line_remembered() -> Iterator[None]:
    linecache.clearcache()
    yield
    linecache.clearcache()


# ------------------------------------------------------------------------------------------------ one line


@pytest.mark.parametrize(
    ("line", "reason", "until"),
    [
        ("for o in orders:  # ennead: ok at most three rows", "at most three rows", None),
        ("for o in orders:  #ennead:ok tight", "tight", None),
        ("for o in orders:  # Ennead: OK shouted", "shouted", None),
        ("for o in orders:  # ennead: ok: with a colon", "with a colon", None),
        ("for o in orders:  # ennead: ok", "no reason given", None),
        ("for o in orders:  # ennead: ok [until=2027-01-31]", "no reason given", date(2027, 1, 31)),
        ("for o in orders:  # ennead: ok rewrite [until=2027-01-31]", "rewrite", date(2027, 1, 31)),
        ("for o in orders:  # ennead: ok rewrite until=2027-01-31 planned", "rewrite planned", date(2027, 1, 31)),
        ("for o in orders:  # noqa: B007 # ennead: ok after another", "after another", None),
        ("for o in orders:  # ennead: ok see #123", "see #123", None),
    ],
)
def test_python_comments(line: str, reason: str, until: date | None) -> None:
    assert read_suppression(line) == Suppression(reason, until)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{% for o in orders %}{# ennead: ok few #}{{ o.customer }}", "few"),
        ("{#- ennead: ok few -#}", "few"),
        ("<td>{{ o.customer }}</td> <!-- ennead: ok few -->", "few"),
        ("{% comment %}ennead: ok few{% endcomment %} {{ o.customer }}", "few"),
        ("{%- comment %} ennead: ok few {%- endcomment %}", "few"),
    ],
)
@pytest.mark.parametrize("language", ["django-template", "jinja2"])
def test_template_comments(line: str, reason: str, language: Language) -> None:
    assert read_suppression(line, language) == Suppression(reason, None)


@pytest.mark.parametrize(
    ("line", "language"),
    [
        ("for o in orders:  # fine", "python"),
        ("for o in orders:  # ennead: okay, then", "python"),
        ("for o in orders:  # ennead: not ok", "python"),
        ("for o in orders:  # this is not ennead: ok", "python"),
        ("ennead: ok", "python"),
        ("for o in orders:  # ennead ok", "python"),
        ("{{ o.customer }} # ennead: ok", "django-template"),
        ("{# ennead: ok never closed", "jinja2"),
    ],
)
def test_what_is_none(line: str, language: Language) -> None:
    assert read_suppression(line, language) is None


@pytest.mark.parametrize(
    ("today", "holds"), [(date(2027, 1, 30), True), (date(2027, 1, 31), True), (date(2027, 2, 1), False)]
)
def test_the_day_named_is_the_last_one(today: date, holds: bool) -> None:  # noqa: FBT001 -- a parameter
    assert Suppression("why", date(2027, 1, 31)).holds(today) is holds


def test_a_day_that_does_not_exist_has_passed() -> None:
    found = read_suppression("x  # ennead: ok [until=2027-02-31]")
    assert found is not None
    assert not found.holds(date(1999, 1, 1))


# ------------------------------------------------------------------------------------------------ in files


def _written(folder: Path, *lines: str, name: str = "views.py", language: Language = "python") -> list[CallSite]:
    """A file with these lines; a call site for each of them."""
    (folder / name).write_text("\n".join(lines) + "\n", "utf-8")
    return [CallSite(name, number, "f", language=language) for number in range(1, len(lines) + 1)]


def _reason(sites: list[CallSite | None], folder: Path) -> str | None:
    return suppression_of(sites, str(folder), TODAY)


def test_the_line_of_any_of_the_places_will_do(tmp_path: Path) -> None:
    access, loop, origin = _written(tmp_path, "a", "b  # ennead: ok few", "c")
    assert _reason([access, loop, origin], tmp_path) == "few"
    assert _reason([None, loop], tmp_path) == "few"
    assert _reason([access, None, origin], tmp_path) is None


def test_the_first_that_holds_gives_the_reason(tmp_path: Path) -> None:
    sites = _written(tmp_path, "a  # ennead: ok old [until=2026-11-22]", "b  # ennead: ok new [until=2026-11-23]")
    assert _reason([*sites], tmp_path) == "new"
    assert _reason([sites[0]], tmp_path) is None


@pytest.mark.parametrize(
    "line",
    [
        "print('# ennead: ok fake')",
        'x = "a # ennead: ok fake"; y = 1',
        "x = f'# ennead: ok {y}'",
        "x = '''",
    ],
)
def test_a_text_that_looks_like_a_comment_is_none(tmp_path: Path, line: str) -> None:
    sites = (
        _written(tmp_path, line, "# ennead: ok inside of a text", "'''") if "'''" in line else _written(tmp_path, line)
    )
    assert [_reason([place], tmp_path) for place in sites] == [None] * len(sites)


def test_a_comment_behind_such_a_text_is_one(tmp_path: Path) -> None:
    (place,) = _written(tmp_path, "print('# ennead: ok fake')  # ennead: ok real")
    assert _reason([place], tmp_path) == "real"


def test_comments_above_a_syntax_error_count(tmp_path: Path) -> None:
    sites = _written(tmp_path, "a = 1  # ennead: ok above", "b = (", "c = 1  # ennead: ok below")
    assert _reason([sites[0]], tmp_path) == "above"


def test_templates_have_their_own_comments(tmp_path: Path) -> None:
    sites = _written(
        tmp_path, "{{ a }} {# ennead: ok few #}", "{{ a }} # ennead: ok", name="o.html", language="django-template"
    )
    assert _reason([sites[0]], tmp_path) == "few"
    assert _reason([sites[1]], tmp_path) is None


def test_absolute_names_and_missing_files(tmp_path: Path) -> None:
    (place,) = _written(tmp_path, "a  # ennead: ok few")
    absolute = replace(place, file=f"{tmp_path}/views.py")
    assert suppression_of([absolute], "/nowhere", TODAY) == "few"
    assert suppression_of([replace(place, file="nowhere.py")], str(tmp_path), TODAY) is None
    assert suppression_of([replace(place, line=99)], str(tmp_path), TODAY) is None


# ------------------------------------------------------------------------------------------------ whole findings


def _analysed(tmp_path: Path, *, access: str = "", origin: str = "") -> tuple[list[str], list[str | None]]:
    """Codes shown and reasons of those suppressed, of a context whose lines have these comments."""
    lines = [""] * 12
    lines[ORIGIN.line - 1], lines[ACCESS.line - 1] = origin, access
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "views.py").write_text("\n".join(lines), "utf-8")
    analysis = NPlusOneDetectionService().analyze(lazy_orders().context(project_root=str(tmp_path)))
    return [finding.code for finding in analysis.findings], [finding.suppressed for finding in analysis.suppressed]


def test_a_finding_is_kept_apart_with_its_reason(tmp_path: Path) -> None:
    assert _analysed(tmp_path, access="x  # ennead: ok only five") == ([], ["only five"])


def test_the_origin_suppresses_too(tmp_path: Path) -> None:
    assert _analysed(tmp_path, origin="x  # ennead: ok only five") == ([], ["only five"])


def test_without_a_comment_it_is_shown(tmp_path: Path) -> None:
    assert _analysed(tmp_path, access="x  # only five") == (["n-plus-one"], [])


def test_after_its_day_it_is_shown_again(tmp_path: Path) -> None:
    assert _analysed(tmp_path, access="x  # ennead: ok only five [until=2020-01-01]") == (["n-plus-one"], [])


# ------------------------------------------------------------------------------------------------ settings


def _context() -> QueryExecutionContext:
    return lazy_orders().context()


(FINDING,) = NPlusOneDetectionService().analyze(_context()).findings


@pytest.mark.parametrize(
    "pattern",
    [
        FINDING.id,
        "shop.Order.customer",
        "shop.Order.*",
        "/orders",
        "/ord*",
        "shop/views.py",
        "shop/views.py:12",
        "shop/views.py:10",
        "shop/*",
    ],
)
def test_patterns_name_findings(pattern: str) -> None:
    assert ignored_by_settings(FINDING, ["other", pattern]) == f"ignored by settings: {pattern}"


@pytest.mark.parametrize("pattern", ["", "shop", "shop/views.py:1", "SHOP.Order.customer", "order_list", "f1:*0000"])
def test_other_patterns_do_not(pattern: str) -> None:
    assert ignored_by_settings(FINDING, [pattern]) is None


def test_a_finding_without_names_is_ignored_by_no_empty_pattern() -> None:
    bare = replace(FINDING, relation=None, route=None, call_site=None, loop=None, origin=None)
    assert ignored_by_settings(bare, ["", "None"]) is None
    assert ignored_by_settings(bare, ["*"]) == "ignored by settings: *"


def test_the_loop_can_be_named_as_well() -> None:
    assert ignored_by_settings(replace(FINDING, loop=LOOP), ["*:11"]) == "ignored by settings: *:11"


def test_settings_suppress_whole_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENNEAD_IGNORE", "other, shop.Order.customer")
    analysis = NPlusOneDetectionService().analyze(_context())
    assert analysis.findings == ()
    assert [finding.suppressed for finding in analysis.suppressed] == ["ignored by settings: shop.Order.customer"]


def test_a_repeated_query_can_be_suppressed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    trace = Trace()
    for line in (10, 11, 12):
        trace.run("SELECT name FROM shop_customer WHERE id = ?", 1, at=site(f"shop/views.py:{line}"), orm=None)
    monkeypatch.setenv("ENNEAD_IGNORE", "shop/views.py")
    analysis = NPlusOneDetectionService().analyze(trace.context())
    assert [finding.code for finding in analysis.suppressed] == ["repeated-query"]
    assert CUSTOMER.relation not in {finding.relation for finding in analysis.suppressed}

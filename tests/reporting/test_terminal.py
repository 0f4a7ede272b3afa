import io
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from ennead.kernel.call_site import CallSite
from ennead.reporting.live_line import live_line
from ennead.reporting.places import Places
from ennead.reporting.report import Entry, Report
from ennead.reporting.terminal import TerminalReport
from tests.reporting.findings import finding
from tests.reporting.reports import ASKED_AGAIN, EVIL, evil_report, report

PLACES = Places("/srv", "/srv")


def _printed(shown: Report, *, verbose: bool = False, links: bool = False, **console: Any) -> str:
    file = io.TextIOWrapper(io.BytesIO(), encoding=str(console.pop("encoding", "utf-8")))
    made = Console(file=file, **{"width": 100, "color_system": None, "markup": False, "emoji": False, **console})
    TerminalReport(made, PLACES, verbose=verbose, links=links).print_report(shown)
    file.seek(0)
    return file.read()


def test_the_compact_report() -> None:
    assert (
        _printed(report(query_count=34))
        == """\
━━  HIGH  2 × N+1  shop.Order.customer, shop.Order.coupon\x20
  200 queries where 2 would do · 152 ms wasted in 3 units of work · confidence 99 %
  orders/ ×3

  origin  shop/views.py:21   orders = Order.objects.all()  100 rows
  loop    shop/views.py:22   for order in orders:
  via     shop/models.py:40  return pricing.total(self)
  access  shop/pricing.py:7  return order.customer.discount  ×200

  shop.Order.customer  ×100  models shop.Order, shop.Customer  f1:00000000000000aa
  SELECT … FROM customer c WHERE c.id = ?

  shop.Order.coupon  ×100  models shop.Order, shop.Customer  f1:00000000000000bb
  SELECT … FROM customer c WHERE c.id = ?

  advice  Load customer eagerly  at shop/views.py:21
    │ orders = Order.objects.all().select_related("customer")

note  2 units of work were dropped
ennead  2 findings in 1 place (1 high, 1 low) · 152 ms wasted · 1 suppressed · 34 queries, 321 ms · 3 requests, 1 script
"""
    )


def test_the_verbose_report_tells_the_rest() -> None:
    printed = _printed(report(), verbose=True)
    for words in (
        "The query at shop/views.py:21 returned 100 rows.",
        'SELECT "c"."id", "c"."full_name"',
        "runs at      shop/pricing.py:7  total",
        "called from  shop/models.py:40  Order.total",
        "reasons: lazy load, inside a loop",
        "Let the query that loads the orders join the customers.",
        "Where the queries are\n      606 queries    200 ms  orders/  request · ×3 · 2 findings",
        "Suppressed\n  f1:00000000000000cc  shop.Order.customer  ×100  shop/pricing.py:7  at most three rows",
    ):
        assert words in printed


def test_a_single_finding_is_named_by_its_id_and_its_models() -> None:
    printed = _printed(report(entries=report().entries[:1]))
    assert "confidence 99 % · f1:00000000000000aa\n" in printed
    assert "  models shop.Order, shop.Customer\n  SELECT" in printed


def test_what_would_make_it_too_long_is_told_in_a_line_each() -> None:
    entries = tuple(
        Entry.of(finding(id=f"f1:{number}", loop=None, relation=f"shop.Order.r{number}")) for number in range(13)
    )
    printed = _printed(report(entries=entries))
    assert "3 more places (--verbose tells them all)" in printed
    assert printed.count("where 1 would do") == 10
    assert printed.count("  high      shop.Order.r") == 3
    assert _printed(report(entries=entries), verbose=True).count("where 1 would do") >= 13


def test_what_is_asked_again_comes_behind_the_stories() -> None:
    printed = _printed(report(entries=(), suppressed=(), notes=(), asked_again=(ASKED_AGAIN,)))
    assert (
        printed
        == """\
Asked again by every request  no N+1; keep the answer if it may be old
  12 of 14 requests · 13 queries, 6.5 ms · 3 rows  shop/tax.py:4
  SELECT t.percent FROM tax_rate t
  advice  Keep the TaxRate answer for 60 s  at shop/tax.py:4
    │ cached()

ennead  no N+1 found · 1,234 queries, 321 ms · 3 requests, 1 script
"""
    )


def test_the_first_three_that_are_asked_again_are_told() -> None:
    many = report(asked_again=(ASKED_AGAIN,) * 5)
    assert _printed(many).count("12 of 14 requests") == 3
    assert "  2 more (--verbose tells them all)\n" in _printed(many)
    assert _printed(many, verbose=True).count("12 of 14 requests") == 5
    assert "It may be old." in _printed(many, verbose=True)


def test_no_findings() -> None:
    printed = _printed(report(entries=(), suppressed=(), notes=()))
    assert printed == "ennead  no N+1 found · 1,234 queries, 321 ms · 3 requests, 1 script\n"


@pytest.mark.parametrize(("number", "told"), [(1, "1 finding"), (3, "3 findings")])
def test_findings_that_are_all_hidden_are_told_as_a_number(number: int, told: str) -> None:
    printed = _printed(report(entries=(), suppressed=(), notes=(), hidden_count=number))
    assert printed.startswith(f"ennead  nothing to show: {told} hidden by your verdicts · 1,234 queries")


def test_known_findings_are_a_number_and_listed_if_asked() -> None:
    shown = report(entries=(), known=report().entries, suppressed=(), notes=(), routes=())
    summary = "ennead  nothing new · 2 known in the baseline · 1,234 queries, 321 ms · 3 requests, 1 script\n"
    assert _printed(shown) == summary
    printed = _printed(shown, verbose=True)
    assert printed.startswith(
        "Known in the baseline\n  f1:00000000000000aa  shop.Order.customer  ×100  shop/pricing.py:7\n"
    )
    assert printed.endswith(summary)


def test_suppressions_that_are_not_needed_are_a_note_and_listed_if_asked() -> None:
    shown = report(entries=(), suppressed=(), notes=(), routes=(), unused_suppressions=("ignore 'legacy/*'",))
    assert _printed(shown).startswith(
        "note  nothing was found for 1 suppression (--verbose tells them)\nennead  no N+1"
    )
    printed = _printed(shown, verbose=True)
    assert "Suppressions that nothing was found for\n  ignore 'legacy/*'\n" in printed
    assert "note  nothing was found for 1 suppression\n" in printed


def test_nothing_recorded_is_not_called_fine() -> None:
    printed = _printed(Report(title="true", notes=("no Python process was seen",)))
    assert printed == "note  no Python process was seen\nennead  nothing was recorded\n"


def test_a_finding_without_places_and_advice() -> None:
    bare = finding(
        loop=None, origin=None, call_site=None, call_path=(), recommendations=(), route=None, queries_needed=0
    )
    printed = _printed(report(entries=(Entry.of(bare),), suppressed=(), notes=()))
    assert "100 queries where none would do" in printed
    assert "SELECT … FROM customer c WHERE c.id = ?" in printed


@pytest.mark.parametrize("verbose", [False, True])
def test_a_terminal_without_unicode(*, verbose: bool) -> None:
    plain = report(entries=(Entry.of(replace(finding(), explanation="")),))
    printed = _printed(plain, verbose=verbose, encoding="latin-1")
    assert "==  HIGH" in printed
    assert "x100" in printed
    assert not set("×·│━") & set(printed)


def test_lines_fit_a_narrow_terminal() -> None:
    long = finding(call_site=CallSite("shop/a_rather_long_file_name_of_a_module.py", 1234, "f", "x = " + "y + " * 60))
    printed = _printed(report(entries=(Entry.of(long),), notes=()), width=60, force_terminal=True)
    told = [line for line in printed.splitlines() if line.startswith(("  origin", "  loop", "  access"))]
    assert len(told) == 3
    assert all(len(line) <= 60 for line in told[:2])
    assert "a_rather_long_file_name_of_a_module.py:1234" in told[2]


def test_a_pipe_gets_whole_lines() -> None:
    source = "value = " + "order.customer + " * 30
    printed = _printed(report(entries=(Entry.of(finding(call_site=CallSite("a.py", 1, "f", source))),)))
    assert source.strip() in printed


def test_links_are_hyperlinks_where_terminals_know_them() -> None:
    colours: dict[str, Any] = {"force_terminal": True, "color_system": "truecolor", "width": 200}
    with_links = _printed(report(), links=True, **colours)
    assert "file:///srv/shop/views.py#21\x1b\\" in with_links
    assert "]8;" not in _printed(report(), **colours)


@pytest.mark.parametrize("verbose", [False, True])
def test_what_a_program_says_cannot_steer_the_terminal(*, verbose: bool) -> None:
    printed = _printed(evil_report(), verbose=verbose, force_terminal=True, width=300)
    assert "\\x1b[31m" in printed
    assert "\x1b" not in printed


def test_square_brackets_are_no_markup() -> None:
    printed = _printed(report(entries=(Entry.of(finding(explanation="[bold]x[/bold] :smile:")),)), verbose=True)
    assert "[bold]x[/bold] :smile:" in printed


class TestLiveLine:
    def test_tells_what_and_where(self) -> None:
        line = live_line(finding(), PLACES)
        assert line.plain == "ennead  high  shop.Order.customer ×100  shop/pricing.py:7  orders/"

    def test_names_the_table_where_there_is_no_model(self) -> None:
        line = live_line(finding(relation=None, models=(), route=None, call_site=None, loop=None, origin=None), PLACES)
        assert line.plain == "ennead  high  customer ×100"

    def test_shows_a_statement_where_there_is_nothing_else(self) -> None:
        line = live_line(finding(relation=None, models=(), statement="CALL " + "x" * 80), PLACES, fancy=False)
        assert line.plain.startswith("ennead  high  CALL xxx")
        assert "… x100" in line.plain

    def test_cannot_steer_the_terminal(self) -> None:
        line = live_line(evil_report().entries[0].finding, PLACES)
        assert "\x1b" not in line.plain
        assert EVIL not in line.plain


def test_a_finding_of_the_model_alone_says_so() -> None:
    entry = Entry(finding=finding(decided_by="ml", confidence=75.0), total_query_count=4, total_wasted_ms=1.0)
    assert "confidence 75 %, by the learnt model alone" in _printed(report(entries=(entry,)))
    assert "learnt model" not in _printed(report())

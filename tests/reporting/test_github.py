import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ennead.kernel.finding import Severity
from ennead.reporting.github import command, github
from ennead.reporting.report import Entry, Report
from ennead.reporting.repository_places import RepositoryPlaces
from tests.reporting.findings import finding
from tests.reporting.reports import evil_report, report
from tests.reporting.texts import TEXTS, reports

PLACES = RepositoryPlaces("/srv", "/srv")
_COMMAND = re.compile(
    r"::(error|warning|notice) ((?:file|line|title)=[^,:\r\n]*(?:,(?:line|title)=[^,:\r\n]*)*)::([^\r\n]*)"
)
_ESCAPES = {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%"}


def parse(line: str) -> tuple[str, dict[str, str], str]:
    """As the runner reads it."""
    match = _COMMAND.fullmatch(line)
    assert match is not None, line
    properties = dict(part.split("=", 1) for part in match[2].split(","))
    return match[1], {name: unescaped(value) for name, value in properties.items()}, unescaped(match[3])


def unescaped(text: str) -> str:
    return re.sub("%(?:0D|0A|3A|2C|25)", lambda match: _ESCAPES[match[0]], text)


def many(number: int, **changes: object) -> Report:
    entries = [Entry.of(finding(id=f"f1:{index:016x}", **changes)) for index in range(number)]
    return report(entries=tuple(entries))


def test_an_annotation_stands_at_the_access() -> None:
    first, second, total = github(report(), PLACES).splitlines()
    assert parse(first) == (
        "error",
        {"file": "shop/pricing.py", "line": "7", "title": "N+1 (relation): shop.Order.customer"},
        (
            "100 queries where 1 would do, orders/\n"
            "The query at shop/views.py:21 returned 100 rows. The loop loads the customer once per item.\n"
            "advice: Load customer eagerly at shop/views.py:21\n"
            'orders = Order.objects.all().select_related("customer")\n'
            "f1:00000000000000aa"
        ),
    )
    assert parse(second)[0] == "warning"
    assert total == "ennead: 2 findings in 1 place (1 high, 1 low), 152 ms wasted"


@pytest.mark.parametrize(
    ("severity", "kind"),
    [("critical", "error"), ("high", "error"), ("medium", "warning"), ("low", "warning"), ("info", "notice")],
)
def test_severities(severity: Severity, kind: str) -> None:
    assert parse(github(many(1, severity=severity), PLACES).splitlines()[0])[0] == kind


def test_nothing_found_is_no_annotation() -> None:
    assert github(report(entries=()), PLACES) == "ennead: no N+1 found"
    assert github(Report(title="x"), PLACES) == "ennead: nothing was recorded"


def test_as_many_as_github_shows() -> None:
    *commands, total = github(many(10), PLACES).splitlines()
    assert len(commands) == 10
    assert not total.startswith("::")


def test_where_some_are_left_out_an_annotation_says_so() -> None:
    lines = github(many(11), PLACES).splitlines()
    assert len(lines) == 10
    kind, properties, message = parse(lines[-1])
    assert (kind, properties) == ("warning", {"title": "ennead"})
    assert message.endswith("; the 9 worst are annotated")
    assert message.startswith("ennead: 11 findings in ")


def test_paths_are_mapped() -> None:
    places = RepositoryPlaces("/app", "/checkout", (("/app", "services/web"),))
    assert parse(github(report(), places).splitlines()[0])[1]["file"] == "services/web/shop/pricing.py"


def test_a_finding_without_a_file_has_no_place() -> None:
    bare = finding(call_site=None, call_path=(), loop=None, origin=None)
    assert parse(github(report(entries=(Entry.of(bare),)), PLACES).splitlines()[0])[1].keys() == {"title"}


def test_any_text_survives() -> None:
    first, _total = github(evil_report(), PLACES).splitlines()
    assert "</script>" in parse(first)[2]


def test_a_text_cannot_begin_a_command() -> None:
    bad = replace(report().entries[0], finding=finding(explanation="x\n::error::owned\r\n::set-output name=a::b"))
    first, *rest = github(report(entries=(bad,)), PLACES).splitlines()
    assert "::error::owned" in parse(first)[2]
    assert len(rest) == 1


@given(file=TEXTS, message=st.text())
def test_a_command_is_read_as_it_was_meant(file: str, message: str) -> None:
    line = command("warning", {"file": file, "line": "1"}, message)
    assert len(re.split("[\r\n]", line)) == 1
    kind, properties, said = parse(line)
    assert (kind, said) == ("warning", message)
    assert properties == {"file": file, "line": "1"} if file else {"line": "1"}


@settings(max_examples=50)
@given(told=reports())
def test_arbitrary_texts_stay_in_their_commands(told: Report) -> None:
    text = github(told, PLACES)
    text.encode()
    *commands, total = text.split("\n")
    assert "\r" not in text
    assert len(commands) == len(told.entries)
    for line in commands:
        parse(line)
    assert total.startswith("ennead: ")

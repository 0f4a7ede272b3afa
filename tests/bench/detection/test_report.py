"""The table as a reader sees it."""

from bench.detection.environment import requirements_of, version_of
from bench.detection.report import table
from tests.bench.detection.test_score import row


def test_one_table_a_suite_with_misses_and_false_alarms_by_name() -> None:
    rows = [
        row("found", "n-plus-one", ("n-plus-one",)),
        row("missed", "n-plus-one"),
        row("noisy", "look-alike", ("n-plus-one",)),
    ]
    lines = table({("django", "zeal"): rows}).splitlines()
    assert lines[0] == "## django: 3 scenarios (2 n-plus-one, 1 look-alike, 0 duplicate, 0 write-n-plus-one)"
    assert lines[4] == f"| {version_of('zeal')} | 0.50 (1/2) | 0.50 (1/2) | - | - | - | - |"
    assert lines[-4:] == [
        "- misses: missed",
        "- false alarms: noisy",
        "- write loops reported as n-plus-one: none",
        "- could not run: none",
    ]


def test_every_requirement_is_pinned() -> None:
    from bench.detection.__main__ import TOOLS

    for tool in TOOLS:
        path = requirements_of(tool)
        if path is None:
            assert tool == "ennead"
            continue
        pins = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
        assert all("==" in pin for pin in pins), tool


def test_a_variant_shares_the_pins_and_has_a_name_of_its_own() -> None:
    assert requirements_of("sentry_untimed") == requirements_of("sentry")
    assert version_of("sentry_untimed") != version_of("sentry")
    assert version_of("sentry").startswith("Sentry's rule, sentry-sdk 2.")

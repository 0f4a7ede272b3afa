"""What was asked for: the options of the command line, and the settings of pytest's configuration."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

import pytest

Mode = Literal["report", "warn", "raise"]
MODES: tuple[Mode, ...] = ("report", "warn", "raise")
_IN_REPLAY = "ENNEAD_RUN_COMPANION"
MARKER = (
    "ennead(allow=(), max_queries=None, threshold=None, enabled=True): what Ennead lets pass in this test: findings by "
    "id, relation or call site; queries; repeats; or everything"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What was asked for.

    Examples
    --------
    >>> Options(max_queries=50).is_active, Options().is_active
    (True, False)
    """

    report: bool = False
    fail: bool = False
    """A test with an N+1 fails."""
    mode: Mode | None = None
    json: Path | None = None
    max_queries: int | None = None
    threshold: int | None = None
    """Repeats from which an N+1 counts; by default what the rules say."""
    ignores_baseline: bool = False
    """Findings that the project's baseline knows count like new ones."""
    counts_fixtures: bool = False
    """What fixtures and ``setUp`` do counts as the test's."""
    stop_at: int | None = None
    """A test is stopped at so many queries of an N+1, also of one that has only begun."""
    remember: bool = False
    """The local memory takes the session in."""
    counts_own_loops: bool = True
    """An N+1 counts where the loop stands in the test's own file, too."""

    @property
    def reports(self) -> bool:
        """Whether there is a report at the end."""
        asked = self.report or self.fail or self.raises or self.remember
        return asked or self.mode is not None or self.json is not None

    @property
    def raises(self) -> bool:
        """Whether an N+1 ends a test at the access."""
        return self.mode == "raise" or self.stop_at is not None

    @property
    def is_active(self) -> bool:
        """Whether every test is looked at, not only those that ask on their own."""
        return self.reports or self.max_queries is not None


def declare(parser: pytest.Parser) -> None:
    """Tell pytest of the options and settings."""
    group = parser.getgroup("ennead", "N+1 queries (ennead)")
    group.addoption(
        "--ennead",
        action="store_true",
        dest="ennead",
        help="Report the N+1 queries that the tests ran into at the end of the session.",
    )
    group.addoption(
        "--ennead-fail", action="store_true", dest="ennead_fail", help="The same, and a test with an N+1 fails."
    )
    group.addoption(
        "--ennead-mode",
        choices=MODES,
        dest="ennead_mode",
        help="report: at the end (the default); warn: also as a Python warning, ennead.NPlusOneWarning; raise: also as "
        "an exception, ennead.NPlusOneError, at the access, as soon as the N+1 is certain.",
    )
    group.addoption(
        "--ennead-stop-at",
        type=int,
        dest="ennead_stop_at",
        metavar="N",
        help="Stop a test with ennead.NPlusOneError at the N-th query of an N+1 (2 or more), also of one that has only "
        "begun: where the rules cannot know yet, a sequence model predicts.",
    )
    group.addoption(
        "--ennead-json", type=Path, dest="ennead_json", metavar="FILE", help="Write the report as JSON to FILE, too."
    )
    group.addoption(
        "--ennead-remember",
        action="store_true",
        dest="ennead_remember",
        help="Report, and remember what was found, as 'ennead run' does, for 'ennead history' (needs the extra store). "
        "Not where tests are stopped at an N+1: they have not done all of their work.",
    )
    group.addoption(
        "--ennead-no-baseline",
        action="store_true",
        dest="ennead_no_baseline",
        help="Treat findings that the project's baseline knows like new ones.",
    )
    parser.addini("ennead", "Always report, as with --ennead.", type="bool", default=False)
    parser.addini("ennead_fail", "Tests with an N+1 always fail, as with --ennead-fail.", type="bool", default=False)
    parser.addini("ennead_mode", "What --ennead-mode says if it is not given.", default="")
    parser.addini("ennead_stop_at", "What --ennead-stop-at says if it is not given.", default="")
    parser.addini("ennead_max_queries", "Queries that each test may run; its marker comes before it.", default="")
    parser.addini("ennead_threshold", "Repeats from which an N+1 counts; a marker comes before it.", default="")
    parser.addini("ennead_remember", "Always remember, as with --ennead-remember.", type="bool", default=False)
    parser.addini("ennead_fixtures", "Count what fixtures and setUp do as the test's own.", type="bool", default=False)
    parser.addini(
        "ennead_own_loops", "Count an N+1 where the loop stands in the test's own file, too.", type="bool", default=True
    )


def read_options(config: pytest.Config) -> Options:
    """Read them; in a replay nothing is asked for: it compares outcomes, which are to be those of the tests alone.

    Raises
    ------
    pytest.UsageError
        A setting has the wrong form.
    """
    if _IN_REPLAY in os.environ:
        return Options()
    return Options(
        report=bool(config.getoption("ennead") or config.getini("ennead")),
        fail=bool(config.getoption("ennead_fail") or config.getini("ennead_fail")),
        mode=config.getoption("ennead_mode") or _mode(config),
        json=config.getoption("ennead_json"),
        max_queries=_count(config, "ennead_max_queries", 0),
        threshold=_count(config, "ennead_threshold", 2),
        stop_at=_count(config, "ennead_stop_at", 2, given=config.getoption("ennead_stop_at")),
        ignores_baseline=bool(config.getoption("ennead_no_baseline")),
        remember=bool(config.getoption("ennead_remember") or config.getini("ennead_remember")),
        counts_fixtures=bool(config.getini("ennead_fixtures")),
        counts_own_loops=bool(config.getini("ennead_own_loops")),
    )


def _mode(config: pytest.Config) -> Mode | None:
    value = config.getini("ennead_mode")
    if value and value not in MODES:
        message = f'ennead_mode must be one of {", ".join(MODES)}, got "{value}"'
        raise pytest.UsageError(message)
    return cast("Mode", value) if value else None


def _count(config: pytest.Config, name: str, low: int, *, given: object = None) -> int | None:
    value = config.getini(name) if given is None else given
    if value in {"", None}:
        return None
    try:
        number = int(str(value))
    except ValueError:
        number = low - 1
    if number < low:
        message = f'{name} must be an integer of at least {low}, got "{value}"'
        raise pytest.UsageError(message)
    return number

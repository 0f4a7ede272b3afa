"""Suppressions that were not needed, and those whose day has passed."""

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ennead.domains.nplusone.settings import NPlusOneSettings
from ennead.domains.nplusone.thresholds import Threshold
from ennead.kernel.finding import Finding
from ennead.reporting.report import Entry
from ennead.runs.reading import Problem, RunRecords
from ennead.runs.records import EndRecord
from ennead.runs.suppression_use import SuppressionUse, suppression_use
from tests.reporting.findings import STARTED, finding
from tests.runs.test_folder import FACTS
from tests.runs.test_records import PROCESS
from tests.runs.units import unit

TODAY = date(2026, 11, 23)
VIEWS = """\
for a in b:  # ennead: ok needed
    c = a.d
for e in f:  # ennead: ok not needed
    g = "# ennead: ok no comment"
for h in i:  # ennead: ok until spring [until=2026-04-30]
    pass
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    _write(tmp_path / "views.py", VIEWS)
    return tmp_path


def _write(path: Path, text: str, *, changed_since: bool = False) -> None:
    path.write_text(text)
    at = STARTED.timestamp() + (60 if changed_since else -60)
    os.utime(path, (at, at))


def _records(*files: str, needed: tuple[str, ...] = (), **end: object) -> RunRecords:
    values: dict[str, object] = {"loaded_files": files, "needed_suppressions": needed, **end}
    ended = EndRecord(pid=7, ended_at=STARTED, **values)  # type: ignore[arg-type]
    return RunRecords(processes=(PROCESS,), units=(unit(),), ends=(ended,))


def _use(
    folder: Path, records: RunRecords, *findings: Finding, settings: NPlusOneSettings | None = None
) -> SuppressionUse:
    facts = replace(FACTS, project_root=str(folder))
    entries = [Entry.of(each) for each in findings]
    return suppression_use(facts, records, entries, settings or NPlusOneSettings(), TODAY)


def test_a_comment_without_a_finding_is_unused_and_one_past_its_day_has_expired(folder: Path) -> None:
    use = _use(folder, _records("views.py", needed=("views.py:1",)))
    assert use == SuppressionUse(
        unused=("views.py:3 'not needed'",), expired=("views.py:5 'until spring', until 2026-04-30",)
    )


def test_what_another_process_needed_is_needed(folder: Path) -> None:
    records = _records("views.py", needed=("views.py:1",))
    other = replace(records.ends[0], pid=8, needed_suppressions=("views.py:3", "views.py:5"))
    assert _use(folder, replace(records, ends=(*records.ends, other))).unused == ()


def test_files_that_were_not_loaded_are_not_looked_into(folder: Path) -> None:
    assert _use(folder, _records()) == _use(folder, _records("nowhere.py")) == SuppressionUse()


def test_nor_those_that_were_changed_since(folder: Path) -> None:
    _write(folder / "views.py", VIEWS, changed_since=True)
    assert _use(folder, _records("views.py")) == SuppressionUse()


def test_templates_are_looked_into(folder: Path) -> None:
    _write(folder / "list.html", "{% for o in orders %}\n{{ o.customer }}{# ennead: ok few #}\n{% endfor %}\n")
    assert _use(folder, _records("list.html")).unused == ("list.html:2 'few'",)


@pytest.mark.parametrize(
    "lost",
    [
        lambda records: replace(records, processes=(PROCESS, replace(PROCESS, pid=9))),
        lambda records: replace(records, problems=(Problem("1.jsonl", 2, "no valid JSON"),)),
        lambda records: replace(records, ends=(replace(records.ends[0], counters={"dropped_units": 1}),)),
        lambda records: replace(records, units=()),
    ],
    ids=["process", "record", "unit", "all"],
)
def test_after_a_run_that_something_is_lost_of_nothing_is_called_unused(folder: Path, lost: object) -> None:
    assert callable(lost)
    use = _use(folder, lost(_records("views.py")), settings=NPlusOneSettings(ignore=("legacy/*",)))
    assert use.unused == ()
    assert len(use.expired) == 1


@pytest.mark.parametrize(
    ("patterns", "unused"),
    [
        (("shop.Order.*",), ()),
        (("export/",), ()),
        (("legacy/*", "shop.Order.*"), ("ignore 'legacy/*'",)),
        (("*", "shop.Order.*"), ()),
        ((), ()),
    ],
)
def test_patterns_of_settings(folder: Path, patterns: tuple[str, ...], unused: Sequence[str]) -> None:
    entry = replace(Entry.of(finding(suppressed="x")), routes={"orders/": 2, "export/": 1})
    facts = replace(FACTS, project_root=str(folder))
    use = suppression_use(facts, _records(), [entry], NPlusOneSettings(ignore=patterns), TODAY)
    assert use.unused == tuple(unused)


def test_a_threshold_is_used_where_its_units_ran(folder: Path) -> None:
    settings = NPlusOneSettings(thresholds=(Threshold("GET /orders/*", 5), Threshold("job:*", 5)))
    assert _use(folder, _records(), settings=settings).unused == ("thresholds 'job:*'",)


def test_a_day_that_does_not_exist_is_told_as_such(folder: Path) -> None:
    _write(folder / "views.py", "x = 1  # ennead: ok why [until=2026-02-31]\n")
    assert _use(folder, _records("views.py")).expired == ("views.py:1 'why', until a day that does not exist",)

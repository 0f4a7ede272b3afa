"""pytest-queryguard, as what it is: each scenario is the body of a test that pytest runs with the plugin loaded.

Nothing is configured, so every threshold is as shipped and row-by-row writes stay unreported. Its findings are
read from the SARIF file that it writes; one that has no source line is missing there but fails the test.
"""

import atexit
import contextlib
import io
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.detection.observation import N_PLUS_ONE, Observation
from bench.detection.scenario import ROOT

TEST = "def test_scenario(scenario):\n    scenario()\n"

# What its failure message heads with "N+1 detected".
N_PLUS_ONE_RULES = {"queryguard/relationship-load", "queryguard/repeated-statement", "queryguard/column-load"}

_folder: list[Path] = []


class Fixture:
    """The plugin that hands the scenario to the test, and keeps what the scenario itself raised."""

    def __init__(self, run: Callable[[], object]) -> None:
        self.run = run
        self.started = False
        self.error: Exception | None = None

    @pytest.fixture
    def scenario(self) -> Callable[[], None]:
        return self.call

    def call(self) -> None:
        self.started = True
        try:
            self.run()
        except Exception as error:
            self.error = error
            raise


def prepare(suite: str) -> None:
    assert suite.endswith("sqlalchemy"), "pytest-queryguard knows SQLAlchemy only"
    folder = tempfile.TemporaryDirectory(prefix="queryguard-")
    atexit.register(folder.cleanup)
    path = Path(folder.name)
    (path / "test_scenario.py").write_text(TEST)
    (path / "pytest.ini").write_text("[pytest]\n")
    _folder.append(path)


def observe(run: Callable[[], object]) -> Observation:
    fixture = Fixture(run)
    status, output, results = _run_pytest(_folder[0], fixture)
    if fixture.error is not None:
        raise fixture.error
    if not fixture.started or status not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}:
        raise RuntimeError(output)
    codes = tuple(N_PLUS_ONE if each["ruleId"] in N_PLUS_ONE_RULES else each["ruleId"] for each in results)
    if status == pytest.ExitCode.TESTS_FAILED and not codes:
        codes = (N_PLUS_ONE,)
    return Observation(codes=codes, access=tuple(dict.fromkeys(_place(each) for each in results)))


def _run_pytest(folder: Path, fixture: Fixture) -> tuple[int, str, list[dict[str, Any]]]:
    sarif, output = folder / "findings.sarif", io.StringIO()
    sarif.unlink(missing_ok=True)
    options = [
        *("-c", str(folder / "pytest.ini"), "--rootdir", str(ROOT)),
        # The second plugin collects garbage several times a session, and there is a session for each scenario.
        *("-p", "no:cacheprovider", "-p", "no:unraisableexception"),
        *("-q", "--tb=no", f"--queryguard-sarif={sarif}"),
    ]
    with contextlib.redirect_stdout(output):
        status = pytest.main([*options, str(folder / "test_scenario.py")], plugins=[fixture])
    results = json.loads(sarif.read_text())["runs"][0]["results"] if sarif.exists() else []
    return status, output.getvalue(), results


def _place(result: dict[str, Any]) -> tuple[str, int]:
    location = result["locations"][0]["physicalLocation"]
    return location["artifactLocation"]["uri"], location["region"]["startLine"]

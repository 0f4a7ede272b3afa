"""The domain as the rest of Ennead sees it: the kernel's conformance suite, and what the manifest promises."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from ennead.domains import nplusone
from ennead.domains.nplusone.domain import DOMAIN
from ennead.domains.nplusone.settings import NPlusOneSettings
from ennead.kernel import conformance
from ennead.kernel.domain import DomainManifest, installed_domains
from ennead.kernel.settings import load_settings, specs_of

ROOM = Path(nplusone.__file__).parent
FLOOR_PLAN = ("domain", "observation", "features", "rules", "model", "explain", "recommend", "act", "settings")


@pytest.mark.parametrize("check", conformance.CHECKS, ids=lambda check: check.__name__)
def test_conforms(check: Callable[[DomainManifest], None]) -> None:
    check(DOMAIN)


def test_is_registered() -> None:
    assert installed_domains()["nplusone"] is DOMAIN


@pytest.mark.parametrize("part", FLOOR_PLAN)
def test_a_part_of_the_floor_plan_is_there_or_its_absence_is_explained(part: str) -> None:
    file = f"{part}.py"
    assert (ROOM / file).exists() != (file in DOMAIN.absent)
    assert all(len(reason) > 20 for reason in DOMAIN.absent.values())


def test_the_readme_names_every_file_that_is_there_and_no_other() -> None:
    text = (ROOM / "README.md").read_text("utf-8")
    named = set(re.findall(r"`(\w+\.py)`", text))
    there = {path.name for path in ROOM.glob("*.py")} - {"__init__.py"}
    assert named == there


def test_codes_and_metrics_are_those_of_the_specification() -> None:
    assert DOMAIN.codes == {
        "n-plus-one": ("relation", "deferred", "lookup", "aggregate", "raw-sql"),
        "repeated-query": ("same-parameters",),
        "write-n-plus-one": ("insert", "update", "delete", "upsert"),
    }
    assert set(DOMAIN.metrics) >= {
        "nplusone_ml_success_rate",
        "nplusone_ml_analysis_time_ms",
        "nplusone_ml_anomalies_detected",
    }


def test_settings_of_the_specification() -> None:
    settings = load_settings(NPlusOneSettings, {}, {})
    assert (settings.ml_enabled, settings.ml_timeout_ms, settings.ml_confidence_threshold) == (True, 5000, 60.0)
    assert {spec.env for spec in specs_of(NPlusOneSettings)} >= {
        "NPLUSONE_ML_ENABLED",
        "NPLUSONE_ML_TIMEOUT_MS",
        "NPLUSONE_ML_CONFIDENCE_THRESHOLD",
        "NPLUSONE_ML_TRAFFIC_RATIO",
    }


@pytest.mark.parametrize("name", nplusone.__all__)
def test_every_public_name_is_loaded_on_first_use(name: str) -> None:
    assert getattr(nplusone, name) is not None


def test_an_unknown_name_is_told() -> None:
    with pytest.raises(AttributeError, match=r"^module 'ennead.domains.nplusone' has no attribute 'Nothing'$"):
        _ = nplusone.Nothing

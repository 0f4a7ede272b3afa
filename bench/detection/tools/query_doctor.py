"""django-query-doctor: `diagnose_queries()` around the work, and its middleware, which async views need.

Its thresholds are as shipped. What the middleware diagnoses is taken where it hands it to its reporters.
"""

import importlib
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from bench.detection.observation import N_PLUS_ONE, Advice, Observation, relative


def prepare(suite: str) -> None:
    assert suite.endswith("django"), "django-query-doctor knows Django only"
    settings: Any = importlib.import_module(f"bench.detection.{suite}_suite.settings")
    settings.INSTALLED_APPS.append("query_doctor")
    settings.MIDDLEWARE.append("query_doctor.middleware.QueryDoctorMiddleware")
    vars(settings)["QUERY_DOCTOR"] = {"REPORTERS": []}


def observe(run: Callable[[], object]) -> Observation:
    from query_doctor.context_managers import diagnose_queries

    with warnings.catch_warnings(), _middleware_prescriptions() as prescriptions, diagnose_queries() as report:
        warnings.simplefilter("ignore")
        run()
    prescriptions += report.prescriptions
    codes = tuple(each.issue_type.value.replace("_", "-") for each in prescriptions)
    told = [each for each, code in zip(prescriptions, codes, strict=True) if code in (N_PLUS_ONE, "write-n-plus-one")]
    sites = [each.callsite for each in told if each.callsite]
    return Observation(
        codes=codes,
        access=tuple(dict.fromkeys((relative(site.filepath), site.line_number) for site in sites)),
        advice=tuple(Advice(each.fix_suggestion, _place(each.callsite)) for each in told if each.fix_suggestion),
    )


def _place(site: Any) -> tuple[str, int] | None:
    return (relative(site.filepath), site.line_number) if site else None


@contextmanager
def _middleware_prescriptions() -> Iterator[list[Any]]:
    from query_doctor import middleware

    collected: list[Any] = []
    analyze = middleware.pipeline_analyze

    def analyze_and_keep(queries: Any, *, source: str) -> Any:
        found = analyze(queries, source=source)
        collected.extend(found)
        return found

    with mock.patch.object(middleware, "pipeline_analyze", analyze_and_keep):
        yield collected

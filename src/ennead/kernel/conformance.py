"""The shipped test suite of domains: a new domain gets these tests by existing.

Use it from a test::

    @pytest.mark.parametrize("check", conformance.CHECKS, ids=lambda check: check.__name__)
    def test_conformance(check):
        check(DOMAIN)

Each check raises ``AssertionError`` with a sentence that says what is wrong.
"""

from __future__ import annotations

import json
from math import isinf, isnan
from typing import TYPE_CHECKING, Any

from ennead.kernel.finding import SEVERITIES, Finding
from ennead.kernel.settings import load_settings, specs_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ennead.kernel.domain import DomainManifest
    from ennead.kernel.features import FeatureSpec

_CERTAIN = 100.0


def _expect(holds: bool, message: str) -> None:  # noqa: FBT001 -- an assertion
    if not holds:
        raise AssertionError(message)


def examples_show_both_sides(domain: DomainManifest) -> None:
    """Some example has a finding, some has none."""
    counts = [len(domain.find(example)) for example in domain.examples()]
    _expect(any(counts), "no example observation has a finding")
    _expect(not all(counts), "every example observation has a finding: there is no negative twin")


def observations_survive_json(domain: DomainManifest) -> None:
    """An observation read back from JSON is equal to the one written, and gives the same findings."""
    for example in domain.examples():
        again = _observation(domain).from_dict(json.loads(json.dumps(example.to_dict())))
        _expect(again == example, f"{example!r} changes in a JSON round trip")
        _expect(_ids(domain, again) == _ids(domain, example), "findings change when the observation went through JSON")


def observations_are_immutable(domain: DomainManifest) -> None:
    """Assigning to a field raises."""
    for example in domain.examples():
        try:
            example.name = "changed"
        except (AttributeError, TypeError):
            continue
        raise AssertionError(f"{type(example).__name__} can be changed after it was made")


def features_match_their_specs(domain: DomainManifest) -> None:
    """A vector has exactly the specified names, and numbers in range or ``nan``."""
    extractor = domain.make_extractor()
    for example in domain.examples():
        vector = extractor.extract(example)
        _expect(
            list(vector) == [spec.name for spec in extractor.specs], "features and their specs differ in names or order"
        )
        for spec in extractor.specs:
            _check_feature(spec, vector[spec.name])


def features_are_pure(domain: DomainManifest) -> None:
    """The same observation gives the same vector twice."""
    extractor = domain.make_extractor()
    for example in domain.examples():
        _expect(
            repr(extractor.extract(example)) == repr(extractor.extract(example)), "features differ between two calls"
        )


def specs_are_documented(domain: DomainManifest) -> None:
    """Each feature has a unit, a range and a description, and a name of its own."""
    specs = domain.make_extractor().specs
    _expect(len({spec.name for spec in specs}) == len(specs), "two features have one name")
    for spec in specs:
        _expect(
            bool(spec.unit and spec.description) and spec.low <= spec.high, f"{spec.name} lacks unit, range or words"
        )


def findings_are_well_formed(domain: DomainManifest) -> None:
    """Codes, kinds, severities and confidences are those of the manifest; every finding explains and advises."""
    for finding in _all_findings(domain):
        _expect(finding.domain == domain.name, f"{finding.id} says domain {finding.domain!r}")
        _expect(
            finding.kind in domain.codes.get(finding.code, ()), f"unknown code and kind {finding.code}/{finding.kind}"
        )
        _expect(finding.severity in SEVERITIES, f"unknown severity {finding.severity!r}")
        _expect(0.0 <= finding.confidence <= _CERTAIN, f"confidence {finding.confidence} is not within 0-100")
        _expect(
            bool(finding.explanation and finding.recommendations), f"{finding.id} lacks explanation or recommendation"
        )


def findings_survive_json(domain: DomainManifest) -> None:
    """A finding read back from JSON is equal to the one written."""
    for finding in _all_findings(domain):
        _expect(
            Finding.from_dict(json.loads(json.dumps(finding.to_dict()))) == finding, f"{finding.id} changes in JSON"
        )


def finding_ids_are_stable(domain: DomainManifest) -> None:
    """The same observation gives the same ids, each once."""
    for example in domain.examples():
        ids = _ids(domain, example)
        _expect(ids == _ids(domain, example), "ids differ between two calls")
        _expect(len(set(ids)) == len(ids), "two findings of one observation have one id")
        _expect(all(one.startswith("f1:") for one in ids), "an id lacks its version prefix f1:")


def settings_have_defaults_and_docs(domain: DomainManifest) -> None:
    """Settings load from an empty environment, and each has a variable and a sentence."""
    load_settings(domain.settings, {}, {})
    for spec in specs_of(domain.settings):
        _expect(bool(spec.env and spec.help), f"the setting {spec.name} lacks a variable or a sentence")


CHECKS: tuple[Callable[[DomainManifest], None], ...] = (
    examples_show_both_sides,
    observations_survive_json,
    observations_are_immutable,
    features_match_their_specs,
    features_are_pure,
    specs_are_documented,
    findings_are_well_formed,
    findings_survive_json,
    finding_ids_are_stable,
    settings_have_defaults_and_docs,
)
"""All checks, in the order a newcomer meets the problems."""


def _observation(domain: DomainManifest) -> Any:
    return domain.observation


def _all_findings(domain: DomainManifest) -> list[Finding]:
    return [finding for example in domain.examples() for finding in domain.find(example)]


def _ids(domain: DomainManifest, example: object) -> list[str]:
    return [finding.id for finding in domain.find(example)]


def _check_feature(spec: FeatureSpec, value: float) -> None:
    _expect(not isinf(value), f"{spec.name} is infinite")
    _expect(
        isnan(value) or spec.low <= value <= spec.high, f"{spec.name} = {value} is outside {spec.low} to {spec.high}"
    )

"""Every check of the conformance suite passes on a good domain and fails on one that is broken in its respect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import count
from math import inf
from typing import Any

import pytest

from ennead.kernel import conformance
from ennead.kernel.domain import DomainManifest
from ennead.kernel.errors import EnneadError
from ennead.kernel.features import FeatureSpec
from ennead.kernel.finding import Finding
from ennead.kernel.settings import setting
from tests.kernel.strolls import DOMAIN, LONG, SHORT, Stroll, StrollExtractor, finding_of, manifest

Check = Callable[[DomainManifest], None]


@pytest.mark.parametrize("check", conformance.CHECKS, ids=lambda check: check.__name__)
def test_a_good_domain_passes(check: Check) -> None:
    check(DOMAIN)


class ForgetfulStroll(Stroll):
    """Loses its breaks on the way through JSON."""

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Stroll:
        return Stroll(data["name"], data["kilometres"], 0)


@dataclass(frozen=True, eq=False)
class EqualStroll(Stroll):
    """Says it survived, and did not."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 1

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Stroll:
        return Stroll(data["name"], 0.0, 0)


@dataclass
class ChangeableStroll:
    """Can be written to."""

    name: str


class Shuffled(StrollExtractor):
    """Gives its features in another order than it says."""

    def extract(self, observation: Stroll, /) -> Mapping[str, float]:
        return dict(sorted(super().extract(observation).items()))


class Constant(StrollExtractor):
    """Says the same length whatever the stroll."""

    def __init__(self, kilometres: float) -> None:
        self._kilometres = kilometres

    def extract(self, observation: Stroll, /) -> Mapping[str, float]:
        return {"kilometres": self._kilometres, "break_ratio": 0.0}


class Moody(StrollExtractor):
    """Says something else every time."""

    def __init__(self) -> None:
        self._times = count()

    def extract(self, observation: Stroll, /) -> Mapping[str, float]:
        return {"kilometres": float(next(self._times)), "break_ratio": 0.0}


def _with_specs(*specs: FeatureSpec) -> Callable[[], StrollExtractor]:
    class Specified(StrollExtractor):
        pass

    Specified.specs = specs  # type: ignore[assignment]
    return Specified


def _finds(**changes: Any) -> DomainManifest:
    return manifest(find=lambda stroll: (finding_of(stroll, **changes),) if stroll == LONG else ())


def _find_with_new_ids() -> Callable[[Stroll], tuple[Finding, ...]]:
    numbers = count()
    return lambda stroll: (finding_of(stroll, id=f"f1:{next(numbers)}"),) if stroll == LONG else ()


@dataclass(frozen=True, slots=True)
class SilentSettings:
    """A setting without a sentence."""

    longest_km: float = setting(10.0, env="STROLL_LONGEST_KM", help="")


@dataclass(frozen=True, slots=True)
class NamelessSettings:
    """A setting without a variable."""

    longest_km: float = setting(10.0, env="", help="Kilometres.")


SPEC = StrollExtractor.specs[0]
OTHER_SPEC = StrollExtractor.specs[1]

BROKEN: list[tuple[Check, DomainManifest, str]] = [
    (conformance.examples_show_both_sides, manifest(examples=lambda: (SHORT,)), "no example observation has a finding"),
    (conformance.examples_show_both_sides, manifest(examples=lambda: (LONG,)), "there is no negative twin"),
    (conformance.examples_show_both_sides, manifest(examples=lambda: ()), "no example observation has a finding"),
    (conformance.observations_survive_json, manifest(observation=ForgetfulStroll), "changes in a JSON round trip"),
    (
        conformance.observations_survive_json,
        manifest(observation=EqualStroll, examples=lambda: (EqualStroll("Ridge", 20.0, 0),)),
        "findings change when the observation went through JSON",
    ),
    (
        conformance.observations_are_immutable,
        manifest(examples=lambda: (ChangeableStroll("Ridge"),)),
        "ChangeableStroll can be changed after it was made",
    ),
    (conformance.features_match_their_specs, manifest(make_extractor=Shuffled), "differ in names or order"),
    (
        conformance.features_match_their_specs,
        manifest(make_extractor=lambda: Constant(100.5)),
        "kilometres = 100.5 is outside 0.0 to 100.0",
    ),
    (
        conformance.features_match_their_specs,
        manifest(make_extractor=lambda: Constant(-1.0)),
        "kilometres = -1.0 is outside",
    ),
    (conformance.features_match_their_specs, manifest(make_extractor=lambda: Constant(inf)), "kilometres is infinite"),
    (conformance.features_are_pure, manifest(make_extractor=Moody), "features differ between two calls"),
    (conformance.specs_are_documented, manifest(make_extractor=_with_specs(SPEC, SPEC)), "two features have one name"),
    (
        conformance.specs_are_documented,
        manifest(make_extractor=_with_specs(replace(SPEC, unit=""))),
        "kilometres lacks unit, range or words",
    ),
    (
        conformance.specs_are_documented,
        manifest(make_extractor=_with_specs(replace(SPEC, description=""))),
        "kilometres lacks unit, range or words",
    ),
    (
        conformance.specs_are_documented,
        manifest(make_extractor=_with_specs(OTHER_SPEC, replace(SPEC, low=5.0, high=1.0))),
        "kilometres lacks unit, range or words",
    ),
    (conformance.findings_are_well_formed, _finds(domain="walks"), "says domain 'walks'"),
    (conformance.findings_are_well_formed, _finds(code="too-long"), "unknown code and kind too-long/long"),
    (conformance.findings_are_well_formed, _finds(kind="short"), "unknown code and kind no-break/short"),
    (conformance.findings_are_well_formed, _finds(severity="bad"), "unknown severity 'bad'"),
    (conformance.findings_are_well_formed, _finds(confidence=100.5), "confidence 100.5 is not within 0-100"),
    (conformance.findings_are_well_formed, _finds(confidence=-1.0), "confidence -1.0 is not within 0-100"),
    (conformance.findings_are_well_formed, _finds(explanation=""), "lacks explanation or recommendation"),
    (conformance.findings_are_well_formed, _finds(recommendations=()), "lacks explanation or recommendation"),
    (conformance.findings_survive_json, _finds(evidence={"days": (1, 2)}), "changes in JSON"),
    (conformance.finding_ids_are_stable, manifest(find=_find_with_new_ids()), "ids differ between two calls"),
    (
        conformance.finding_ids_are_stable,
        manifest(find=lambda stroll: (finding_of(stroll),) * 2),
        "two findings of one observation have one id",
    ),
    (conformance.finding_ids_are_stable, _finds(id="17"), "an id lacks its version prefix f1:"),
    (
        conformance.settings_have_defaults_and_docs,
        manifest(settings=SilentSettings),
        "the setting longest_km lacks a variable or a sentence",
    ),
    (
        conformance.settings_have_defaults_and_docs,
        manifest(settings=NamelessSettings),
        "the setting longest_km lacks a variable or a sentence",
    ),
]


@pytest.mark.parametrize(("check", "broken", "complaint"), BROKEN)
def test_a_broken_domain_fails_and_is_told_why(check: Check, broken: DomainManifest, complaint: str) -> None:
    with pytest.raises(AssertionError) as caught:
        check(broken)
    assert complaint in str(caught.value)


def test_every_check_is_seen_failing() -> None:
    assert {check for check, _, _ in BROKEN} == set(conformance.CHECKS)


def test_settings_that_cannot_be_loaded_fail() -> None:
    @dataclass(frozen=True, slots=True)
    class Strict:
        longest_km: float = setting(10.0, env="STROLL_LONGEST_KM", help="Kilometres.")

        def __post_init__(self) -> None:
            raise EnneadError

    with pytest.raises(EnneadError):
        conformance.settings_have_defaults_and_docs(manifest(settings=Strict))

"""A domain as small as can be: strolls, of which the long ones without a break are found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ennead.kernel.domain import DomainManifest
from ennead.kernel.features import FeatureSpec
from ennead.kernel.finding import Finding, Recommendation, finding_id
from ennead.kernel.settings import setting


@dataclass(frozen=True, slots=True)
class Stroll:
    """What the domain looks at."""

    name: str
    kilometres: float
    breaks: int

    def to_dict(self) -> dict[str, Any]:
        return {"name": self.name, "kilometres": self.kilometres, "breaks": self.breaks}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Stroll:
        return cls(data["name"], data["kilometres"], data["breaks"])


@dataclass(frozen=True, slots=True)
class StrollSettings:
    """When something is found."""

    longest_km: float = setting(10.0, env="STROLL_LONGEST_KM", help="Kilometres without a break.", unit="km", low=0)


class StrollExtractor:
    """Two features."""

    specs = (
        FeatureSpec("kilometres", "km", 0.0, 100.0, "Length."),
        FeatureSpec("break_ratio", "1/km", 0.0, float("inf"), "Breaks by length; nan of no length."),
    )

    def extract(self, observation: Stroll, /) -> Mapping[str, float]:
        length = observation.kilometres
        return {"kilometres": length, "break_ratio": observation.breaks / length if length else float("nan")}


def find(stroll: Stroll) -> tuple[Finding, ...]:
    """One finding for a long stroll without a break."""
    return (finding_of(stroll),) if stroll.kilometres > StrollSettings().longest_km and not stroll.breaks else ()


def finding_of(stroll: Stroll, **changes: Any) -> Finding:
    """A finding about a stroll."""
    fields: dict[str, Any] = {
        "id": finding_id(["strolls", stroll.name]),
        "domain": "strolls",
        "code": "no-break",
        "kind": "long",
        "severity": "low",
        "confidence": 80.0,
        "query_count": 0,
        "queries_needed": 0,
        "duration_ms": 0.0,
        "wasted_ms": 0.0,
        "statement": "",
        "statement_fingerprint": "",
        "explanation": f"{stroll.name} was long and had no break.",
        "recommendations": (Recommendation("Sit down", "Sit down on the way."),),
    }
    return Finding(**{**fields, **changes})


LONG, SHORT, NONE = Stroll("Ridge", 20.0, 0), Stroll("Park", 2.0, 1), Stroll("Stay", 0.0, 0)


def manifest(**changes: Any) -> DomainManifest:
    """The manifest, or one that differs from it in ``changes``."""
    fields: dict[str, Any] = {
        "name": "strolls",
        "title": "Strolls",
        "observation": Stroll,
        "settings": StrollSettings,
        "codes": {"no-break": ("long",)},
        "make_extractor": StrollExtractor,
        "find": find,
        "examples": lambda: (LONG, SHORT, NONE),
    }
    return DomainManifest(**{**fields, **changes})


DOMAIN = manifest()

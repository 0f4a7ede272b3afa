"""The merged, deduplicated, explained answer, and what to do about it."""

from __future__ import annotations

from dataclasses import MISSING, Field, dataclass, field, fields
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Literal

from ennead.kernel.call_site import CallSite
from ennead.kernel.json_schema import SCHEMA_VERSION, check_schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Severity = Literal["info", "low", "medium", "high", "critical"]
SEVERITIES: tuple[Severity, ...] = ("info", "low", "medium", "high", "critical")
Status = Literal["advice", "verified", "refuted"]
DecidedBy = Literal["rules", "ml", "both"]
Verdict = Literal[
    "verified",
    "verified-at-this-size",
    "reduced-not-flat",
    "no-effect",
    "worse",
    "changes-results",
    "non-deterministic",
    "could-not-run",
]


def severity_rank(severity: Severity) -> int:
    """Position of a severity, 0 (info) to 4 (critical).

    >>> severity_rank("critical") > severity_rank("low")
    True
    """
    return SEVERITIES.index(severity)


def finding_id(parts: Iterable[str]) -> str:
    """Hash the parts of an identity into a stable finding id.

    >>> finding_id(["nplusone", "n-plus-one"])
    'f1:8b2777b3eb0484bf'
    """
    digest = blake2b("\x1f".join(parts).encode("utf-8", "backslashreplace"), digest_size=8)
    return f"f1:{digest.hexdigest()}"


@dataclass(frozen=True, slots=True)
class Verification:
    """What happened when a fix was run: counts before and after, and what was compared."""

    verdict: Verdict
    diff: str
    queries_before: Mapping[int, int]
    """Data size (rows) to queries."""
    queries_after: Mapping[int, int]
    duration_before_ms: float
    duration_after_ms: float
    compared: tuple[str, ...]
    not_compared: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """JSON values; the data sizes become string keys, as JSON demands."""
        return {
            "verdict": self.verdict,
            "diff": self.diff,
            "queries_before": {str(size): count for size, count in self.queries_before.items()},
            "queries_after": {str(size): count for size, count in self.queries_after.items()},
            "duration_before_ms": self.duration_before_ms,
            "duration_after_ms": self.duration_after_ms,
            "compared": list(self.compared),
            "not_compared": list(self.not_compared),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Verification:
        """Read what :meth:`to_dict` wrote."""
        return cls(
            verdict=data["verdict"],
            diff=data["diff"],
            queries_before={int(size): int(count) for size, count in data["queries_before"].items()},
            queries_after={int(size): int(count) for size, count in data["queries_after"].items()},
            duration_before_ms=float(data["duration_before_ms"]),
            duration_after_ms=float(data["duration_after_ms"]),
            compared=tuple(data["compared"]),
            not_compared=tuple(data["not_compared"]),
        )


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What to change. Until it was run it is *advice*.

    Examples
    --------
    >>> advice = Recommendation("Load it eagerly", "Add it to the query.", "Order.objects.select_related('customer')")
    >>> advice.status, Recommendation.from_dict(advice.to_dict()) == advice
    ('advice', True)
    """

    title: str
    text: str
    code: str | None = None
    status: Status = "advice"
    verification: Verification | None = None
    place: CallSite | None = None
    """Where to make the change; ``None`` where it is not known."""

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "title": self.title,
            "text": self.text,
            "code": self.code,
            "status": self.status,
            "verification": self.verification.to_dict() if self.verification else None,
            "place": self.place.to_dict() if self.place else None,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Recommendation:
        """Read what :meth:`to_dict` wrote."""
        verification, place = data.get("verification"), data.get("place")
        return cls(
            title=data["title"],
            text=data["text"],
            code=data.get("code"),
            status=data.get("status", "advice"),
            verification=Verification.from_dict(verification) if verification else None,
            place=CallSite.from_dict(place) if place else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One problem, told once, with its evidence and its way out.

    The fields are those of the public interface; :attr:`evidence` has documented keys (``docs/reference/evidence.md``)
    and JSON values only.
    """

    id: str
    domain: str
    code: str
    kind: str
    severity: Severity
    confidence: float
    """0-100."""
    query_count: int
    """The repeats, without the origin query."""
    queries_needed: int
    """What a set-based version would take in their place."""
    duration_ms: float
    wasted_ms: float
    statement: str
    statement_fingerprint: str
    explanation: str
    relation: str | None = None
    models: tuple[str, ...] = ()
    route: str | None = None
    call_site: CallSite | None = None
    call_path: tuple[CallSite, ...] = ()
    loop: CallSite | None = None
    origin: CallSite | None = None
    origin_row_count: int | None = None
    recommendations: tuple[Recommendation, ...] = ()
    evidence: Mapping[str, Any] = field(default_factory=dict)
    decided_by: DecidedBy = "rules"
    suppressed: str | None = None
    """The reason a suppression gave; such findings are kept apart and not shown by default."""

    def to_dict(self) -> dict[str, Any]:
        """JSON values, with the schema version under ``schema``."""
        data: dict[str, Any] = {"schema": SCHEMA_VERSION}
        for item in fields(self):
            data[item.name] = _to_json(getattr(self, item.name))
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Finding:
        """Read what :meth:`to_dict` wrote; unknown keys are ignored.

        Raises
        ------
        EnneadError
            The record is of a newer schema.
        KeyError
            A field without a default is missing.
        """
        check_schema(data, "finding")
        known = {item.name: data[item.name] for item in fields(cls) if item.name in data or _is_required(item)}
        for name in ("call_site", "loop", "origin"):
            known[name] = CallSite.from_dict(data[name]) if data.get(name) else None
        known["call_path"] = tuple(CallSite.from_dict(site) for site in data.get("call_path", ()))
        known["recommendations"] = tuple(Recommendation.from_dict(item) for item in data.get("recommendations", ()))
        known["models"] = tuple(data.get("models", ()))
        known["evidence"] = dict(data.get("evidence", {}))
        return cls(**known)


def _is_required(item: Field[Any]) -> bool:
    return item.default is MISSING and item.default_factory is MISSING


def _to_json(value: object) -> object:
    if isinstance(value, CallSite | Recommendation):
        return value.to_dict()
    if isinstance(value, tuple):
        return [_to_json(item) for item in value]
    if hasattr(value, "items"):
        return dict(value.items())
    return value

"""Why a finding is kept apart: a comment at its place, a pattern of the settings, a threshold of its unit of work."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from ennead.domains.nplusone.suppressions import matching_pattern, suppressions_at
from ennead.domains.nplusone.thresholds import threshold_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ennead.domains.nplusone.settings import NPlusOneSettings
    from ennead.kernel.finding import Finding


def set_apart(
    finding: Finding, names: Sequence[str], settings: NPlusOneSettings, root: str, today: date | None = None
) -> Finding:
    """The finding, with the reason if something suppresses it, and with the comment there that has expired.

    Parameters
    ----------
    finding
        As the rules made it.
    names
        What thresholds may call its unit of work; see :func:`~ennead.domains.nplusone.thresholds.unit_names`.
    settings
        Patterns and thresholds.
    root
        Folder that the call sites' files are relative to.
    today
        For expiry; by default today in UTC.
    """
    day = today or datetime.now(UTC).date()
    comments = tuple(suppressions_at((finding.call_site, finding.loop, finding.origin), root))
    held = next(((site, comment) for site, comment in comments if comment.holds(day)), None)
    if held is not None:
        site, comment = held
        return _suppressed(finding, comment.reason, f"comment {site}")
    pattern = matching_pattern(finding, settings.ignore)
    if pattern is not None:
        return _suppressed(finding, f"ignored by settings: {pattern}", f"ignore {pattern}")
    threshold = threshold_for(names, settings.thresholds)
    if threshold is not None and threshold.falls_short(finding):
        return _suppressed(finding, f"below the threshold of {threshold}", f"thresholds {threshold.pattern}")
    if comments:
        site, comment = comments[0]
        expired = f"{site}: {comment.reason} (until {comment.last_day})"
        return replace(finding, evidence={**finding.evidence, "expired_suppression": expired})
    return finding


def _suppressed(finding: Finding, reason: str, by: str) -> Finding:
    return replace(finding, suppressed=reason, evidence={**finding.evidence, "suppressed_by": by})

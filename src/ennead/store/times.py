"""Times as the tables keep them: UTC in ISO form, all of one length, so that their order is that of texts."""

from __future__ import annotations

from datetime import UTC, datetime


def written(time: datetime) -> str:
    """For a table.

    >>> written(datetime(2026, 11, 2, 9, 30, tzinfo=UTC))
    '2026-11-02T09:30:00.000000+00:00'
    """
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def moment(text: str) -> datetime:
    """From a table.

    >>> moment("2026-11-02T09:30:00.000000+00:00").hour
    9
    """
    return datetime.fromisoformat(text)

"""Whose rows feed the queries of a finding, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ennead.kernel.call_site import CallSite
from ennead.reporting.sql import shortened

if TYPE_CHECKING:
    from collections.abc import Mapping


def feeding(told: Mapping[str, Any]) -> str:
    """The statement, its place and who says so.

    Parameters
    ----------
    told
        The evidence ``fed_by`` of a finding.

    Examples
    --------
    >>> feeding({"statement": "SELECT id FROM orders", "call_site": None, "ratio": 0.98, "witness": "provenance"})
    'the rows of SELECT id FROM orders (seen in 98 % of the queries)'
    >>> feeding({"statement": "SELECT id FROM orders", "call_site": None, "ratio": None, "witness": "order"})
    'perhaps the rows of SELECT id FROM orders (by order and number of rows alone)'
    """
    place = told.get("call_site")
    where = f" at {CallSite.from_dict(place)}" if place else ""
    rows = f"the rows of {shortened(told['statement'])}{where}"
    if told["witness"] == "order":
        return f"perhaps {rows} (by order and number of rows alone)"
    return f"{rows} (seen in {100 * told['ratio']:.0f} % of the queries)"

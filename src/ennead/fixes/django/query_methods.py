"""Methods of query sets and managers, by what they do to the query."""

from __future__ import annotations

_SYNC_ENDINGS = (
    "get first last latest earliest count exists aggregate in_bulk iterator contains explain "
    "values values_list dates datetimes update delete create bulk_create bulk_update get_or_create update_or_create"
)
ENDINGS = frozenset(prefix + name for name in _SYNC_ENDINGS.split() for prefix in ("", "a"))
"""After these there is no query set any more, or one whose rows are no objects."""
UNCLEAR = frozenset({"union", "intersection", "difference"})
"""Of their result no query can be changed any more."""
_BUILDING = (
    "all filter exclude order_by distinct reverse select_related prefetch_related only defer annotate alias using "
    "select_for_update raw extra none get_queryset iterator aiterator values values_list in_bulk"
)
BUILDING = frozenset(_BUILDING.split())
"""Calls by which a query set is recognised."""
NARROWING = frozenset(
    {"all", "filter", "exclude", "order_by", "distinct", "reverse", "select_related", "only", "defer"}
)
"""Calls that leave a query set of objects, and that another query set of the model can take as they are written."""
MANAGERS = frozenset({"objects", "_default_manager", "_base_manager"})
DJANGO_MODELS = "django.db.models"
EXPRESSIONS = frozenset({"Avg", "Count", "F", "Max", "Min", "Q", "StdDev", "Sum", "Variance", "Value"})
"""What means the same everywhere, once it is imported from ``django.db.models``."""


def without_async(name: str) -> str:
    """The method that an asynchronous one stands for.

    >>> without_async("acount"), without_async("all"), without_async("aggregate")
    ('count', 'all', 'aggregate')
    """
    return name[1:] if name[:1] == "a" and name[1:] in ENDINGS else name

"""What differs among the children of one parent though no constraint says so: one is the default, positions differ."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ennead.replay.databases.growing.fresh_values import with_suffix

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ennead.replay.databases.growing.clones import Clones
    from ennead.replay.databases.growing.references import Reference
    from ennead.replay.databases.growing.schema import Column

_PLACES = re.compile(r"position|order|sort|sequence|rank|index|line|place", re.IGNORECASE)
_LABELS = re.compile(r"label|name|title|slug|code|number|year|month", re.IGNORECASE)
_LONGEST = 200
_ENOUGH_PARENTS = 3
"""So many parents with several children must agree before a text is taken for one that tells them apart."""


def tells_siblings_apart(column: Column) -> bool:
    """Whether a column is of a sort that may do so: a flag, a position, a label.

    Examples
    --------
    >>> from ennead.replay.databases.growing.schema import Column
    >>> tells_siblings_apart(Column(name="is_default", kind="boolean"))
    True
    >>> tells_siblings_apart(Column(name="quantity", kind="integer"))
    False
    """
    if column.generated:
        return False
    if column.kind == "text":
        return bool(_LABELS.search(column.name)) and (column.max_length or _LONGEST + 1) <= _LONGEST
    return column.kind == "boolean" or (column.kind == "integer" and bool(_PLACES.search(column.name)))


class Siblings:
    """Keeps apart what joins the children of a parent that has some already.

    Parameters
    ----------
    clones
        Of one table.
    references
        Of that table.
    """

    def __init__(self, clones: Clones, references: Iterable[Reference]) -> None:
        self._clones = clones
        keys = {name for unique in clones.table.unique for name in unique}
        keys.update(name for reference in references for name in reference.columns)
        columns = [
            column for column in clones.table.columns if tells_siblings_apart(column) and column.name not in keys
        ]
        self._apart = {
            reference.columns: [column for column in columns if self._is_apart(reference, column)]
            for reference in references
            if reference.is_scaled
        }

        positions = {
            column.name: column for found in self._apart.values() for column in found if column.kind == "integer"
        }
        self._spans = {name: self._span(column) for name, column in positions.items()}

    def set_apart(self, reference: Reference, row: int, number: int, new: dict[str, Any]) -> None:
        """Change in a clone that changes its parent what no two children of one parent have in common."""
        for column in self._apart.get(reference.columns, ()):
            (old,) = self._clones.old(row, (column.name,))
            if column.kind == "boolean":
                new[column.name] = old and type(old)(0)
            elif isinstance(old, str) and old:
                new[column.name] = with_suffix(old, number, column.max_length) or old
            elif isinstance(old, int):
                new[column.name] = old + number * self._spans[column.name]

    def _is_apart(self, reference: Reference, column: Column) -> bool:
        families = [values for values in self._families(reference, column) if len(values) > 1]
        if column.kind == "boolean":
            # Rows that are all alike in it prove nothing.
            return bool(families) and all(sum(map(bool, values)) <= 1 for values in families)
        return len(families) >= _ENOUGH_PARENTS and all(len(set(values)) == len(values) for values in families)

    def _families(self, reference: Reference, column: Column) -> Iterable[list[Any]]:
        families: dict[tuple[Any, ...], list[Any]] = {}
        for row in range(len(self._clones.rows)):
            parent = self._clones.old(row, reference.columns)
            if None not in parent:
                families.setdefault(parent, []).extend(self._clones.old(row, (column.name,)))
        return families.values()

    def _span(self, column: Column) -> int:
        rows = range(len(self._clones.rows))
        values = [value for row in rows if isinstance(value := self._clones.old(row, (column.name,))[0], int)]
        return max(values, default=0) - min(values, default=0) + 1

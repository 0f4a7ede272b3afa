"""Unique sets of references to rows that do not grow: clones need combinations that are not there yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ennead.replay.databases.growing.fresh_values import digest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ennead.replay.databases.growing.clones import Clones, Variety
    from ennead.replay.databases.growing.references import Reference


class Combinations:
    """Finds combinations for the clones of one table.

    Parameters
    ----------
    clones
        Of the table.
    references
        Of the table.
    others
        Keys of the rows to combine, by table and columns.
    variety
        How much clones differ.
    """

    def __init__(
        self,
        clones: Clones,
        references: Sequence[Reference],
        others: Mapping[tuple[str, tuple[str, ...]], list[tuple[Any, ...]]],
        variety: Variety,
    ) -> None:
        self._clones = clones
        self._variety = variety
        self._others = others
        bound = [
            unique
            for unique in clones.table.unique
            if not set(unique) & set(clones.fresh)
            and not any(reference.is_scaled and set(reference.columns) & set(unique) for reference in references)
        ]
        self._sets = [(unique, [each for each in references if set(each.columns) <= set(unique)]) for unique in bound]
        self._taken = {unique: {clones.old(row, unique) for row in range(len(clones.rows))} for unique, _ in self._sets}

    def decide(self, row: int, number: int, new: dict[str, Any]) -> bool:
        """Whether a combination was found for each set."""
        return all(self._combine(unique, references, row, number, new) for unique, references in self._sets)

    def _combine(
        self, unique: tuple[str, ...], references: Sequence[Reference], row: int, number: int, new: dict[str, Any]
    ) -> bool:
        current = dict(zip(unique, self._clones.old(row, unique), strict=True))
        nullable = next((each for each in references if each.is_nullable), None)
        if len(unique) == 1 and nullable is not None and self._variety.nulls:
            new.update(dict.fromkeys(nullable.columns))
            return True
        taken = self._taken[unique]
        for reference in references:
            keys = self._others.get((reference.parent, reference.parent_columns), [])
            start = digest(self._variety.seed, row, number) % len(keys) if keys else 0
            for key in (*keys[start:], *keys[:start]):
                combined = {**current, **dict(zip(reference.columns, key, strict=True))}
                values = tuple(combined[name] for name in unique)
                if values not in taken:
                    taken.add(values)
                    new.update(zip(reference.columns, key, strict=True))
                    return True
        return False

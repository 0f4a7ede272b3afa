"""Deciding what the clones of a table's rows look like."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ennead.replay.databases.growing.combinations import Combinations
from ennead.replay.databases.growing.fresh_values import FreshValues, NoValueLeftError, digest, shifted, with_suffix
from ennead.replay.databases.growing.references import Reference, references_of
from ennead.replay.databases.growing.siblings import Siblings, tells_siblings_apart

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from ennead.replay.databases.growing.schema import Column, Schema, Table

_SOME = 6
"""About one clone in so many gets NULL in a nullable foreign key."""
_TIES = 4
"""About one clone in so many keeps the dates and texts of its source: ties for whatever is ordered by them."""
_DAYS = 60
# Texts with a meaning to the program: files, addresses, classes, states.
_MEANINGFUL = re.compile(
    r"path|file|image|photo|url|uri|link|password|hash|json|data|type|kind|status|state|template|lang|locale|currency"
    r"|class|model|module|codename|token|secret|key",
    re.IGNORECASE,
)
_STRUCTURED = "{[<"
"""A text that begins so is JSON or markup rather than a name."""
_FRESH_KINDS = ("text", "integer", "date", "number", "uuid", "other")


class NotClonedError(Exception):
    """The rows of a table cannot be multiplied; the message says why."""


@dataclass(slots=True)
class Clones:
    """The clones of one table: which there are, and where they differ from their source.

    A clone is named by the place of its source among the rows, and by its number; number 0 is the source itself.
    """

    table: Table
    columns: tuple[str, ...]
    """What was read of the rows: keys, and columns that vary."""
    rows: list[tuple[Any, ...]]
    wanted: list[tuple[int, int]] = field(default_factory=list)
    varied_texts: tuple[str, ...] = ()
    own: dict[tuple[int, int], dict[str, Any]] = field(default_factory=dict)
    new: dict[tuple[int, int], dict[str, Any]] = field(default_factory=dict)
    fresh: dict[str, FreshValues] = field(default_factory=dict)
    numbers: int = 0
    """The highest number of a clone."""
    _places: dict[str, int] = field(default_factory=dict)
    _index: dict[tuple[str, ...], dict[tuple[Any, ...], int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._places = {name: place for place, name in enumerate(self.columns)}
        self.numbers = max((number for _, number in self.wanted), default=0)

    def old(self, row: int, names: Iterable[str]) -> tuple[Any, ...]:
        """Values of a source."""
        return tuple(self.rows[row][self._places[name]] for name in names)

    def find(self, names: tuple[str, ...], values: tuple[Any, ...]) -> int | None:
        """The row that has some values."""
        if names not in self._index:
            self._index[names] = {self.old(row, names): row for row in range(len(self.rows))}
        return self._index[names].get(values)

    def key(self, row: int, number: int, names: tuple[str, ...]) -> tuple[Any, ...] | None:
        """Values of a clone; ``None`` if there is no such clone."""
        if number == 0:
            return self.old(row, names)
        new = (self.new or self.own).get((row, number))
        return (
            None
            if new is None
            else tuple(new.get(name, old) for name, old in zip(names, self.old(row, names), strict=True))
        )

    def changed_columns(self) -> list[str]:
        """Columns in which any clone differs from its source."""
        changed = {name for new in self.new.values() for name in new}
        return [name for name in self.columns if name in changed]

    def plan(self) -> list[tuple[Any, ...]]:
        """For each clone the identity of its source, then the values of the changed columns."""
        changed = self.changed_columns()
        return [
            (
                *self.old(row, self.table.identity),
                *(new.get(name, old) for name, old in zip(changed, self.old(row, changed), strict=True)),
            )
            for (row, number), new in sorted(self.new.items(), key=lambda item: (item[0][1], item[0][0]))
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variety:
    """How much clones differ from their sources."""

    seed: int = 0
    nulls: bool = True
    """Some clones get NULL in a nullable foreign key."""
    texts_and_dates: bool = True
    """Some clones get other dates and names; the others tie with their source."""
    skew: bool = True
    """Some parents get more children than others, and some none."""


def columns_to_read(table: Table, varied_texts: Iterable[str]) -> tuple[str, ...]:
    """Identity, keys, references and what may vary."""
    names: dict[str, None] = dict.fromkeys(table.identity)
    for columns in (*table.unique, *(key.columns for key in table.foreign_keys)):
        names.update(dict.fromkeys(columns))
    for pair in table.generic_references:
        names.update(dict.fromkeys((pair.type_column, pair.object_column)))
    names.update(
        dict.fromkeys(column.name for column in table.columns if column.kind == "date" and not column.generated)
    )
    names.update(dict.fromkeys(varied_texts))
    names.update(dict.fromkeys(column.name for column in table.columns if tells_siblings_apart(column)))
    return tuple(names)


def may_vary(table: Table, column: Column) -> bool:
    """Whether a text is one that people read: a name, a title."""
    keys = {name for columns in table.unique for name in columns}
    keys.update(name for key in table.foreign_keys for name in key.columns)
    return (
        column.kind == "text"
        and not column.generated
        and column.name not in keys
        and not _MEANINGFUL.search(column.name)
    )


class ClonePlanner:
    """Decides the new values of a table's clones, once those of its parents are decided.

    Parameters
    ----------
    schema
        Of the database.
    clones
        Of all tables that grow, by label.
    content_types
        Django's: table by id.
    others
        Keys of rows of tables that do not grow, for reference columns that must vary among them.
    """

    def __init__(
        self,
        schema: Schema,
        clones: Mapping[str, Clones],
        content_types: Mapping[Any, str],
        others: Mapping[tuple[str, tuple[str, ...]], list[tuple[Any, ...]]],
    ) -> None:
        self._schema = schema
        self._clones = clones
        self._types = content_types
        self._others = others
        self._variety = Variety()

    def decide_own_values(self, clones: Clones, scaled: Container[str], seed: int) -> None:
        """Give each clone the values that depend on nothing else: its key, and what else must be unique."""
        table = clones.table
        references = references_of(table, scaled)
        bound = {name for reference in references for name in reference.columns}
        bound |= {name for key in table.foreign_keys for name in key.columns}
        for name in self._columns_to_freshen(table, references, bound):
            values = (clones.old(row, (name,))[0] for row in range(len(clones.rows)))
            clones.fresh[name] = FreshValues(table.column(name), values, seed)
        for row, number in clones.wanted:
            old = clones.old(row, clones.fresh)
            try:
                pairs = zip(clones.fresh.items(), old, strict=True)
                clones.own[row, number] = {name: fresh.after(value, number) for (name, fresh), value in pairs}
            except NoValueLeftError as error:
                raise NotClonedError(str(error)) from error

    def _columns_to_freshen(self, table: Table, references: Sequence[Reference], bound: set[str]) -> list[str]:
        chosen: list[str] = []
        for unique in sorted(table.unique, key=lambda unique: (unique != table.primary_key, len(unique), unique)):
            if any(name in chosen for name in unique):
                continue
            if any(reference.is_scaled and set(reference.columns) & set(unique) for reference in references):
                continue  # a clone of its own for each clone
            free = [table.column(name) for name in unique if name not in bound and not table.column(name).generated]
            free = [column for column in free if column.kind in _FRESH_KINDS]
            if any(name in bound for name in unique):
                continue  # other combinations of rows that are there
            if not free:
                message = f"no column of the unique {', '.join(unique)} can be varied"
                raise NotClonedError(message)
            chosen.append(min(free, key=lambda column: _FRESH_KINDS.index(column.kind)).name)
        return chosen

    def decide_references(self, clones: Clones, scaled: Container[str], variety: Variety) -> None:
        """Let each clone name its parents' clones, and vary what may vary; what was decided before is forgotten."""
        self._variety = variety
        clones.new = {name: dict(own) for name, own in clones.own.items()}
        references = references_of(clones.table, scaled)
        self._siblings = Siblings(clones, references)
        combining = Combinations(clones, references, self._others, variety)
        dates = [
            column.name
            for column in clones.table.columns
            if column.kind == "date" and not column.generated and column.name not in clones.fresh
        ]
        keys = {name for unique in clones.table.unique for name in unique}
        dates = [name for name in dates if name not in keys]
        for row, number in clones.wanted:
            new = clones.new[row, number]
            if not self._name_parents(clones, references, row, number, new) or not combining.decide(row, number, new):
                del clones.new[row, number]
                continue
            if self._variety.texts_and_dates:
                self._vary(clones, dates, row, number, new)
        if clones.wanted and not clones.new:
            message = "no combination of its unique columns is left"
            raise NotClonedError(message)

    # -------------------------------------------------------------------------------------------- parents

    def _name_parents(
        self, clones: Clones, references: Sequence[Reference], row: int, number: int, new: dict[str, Any]
    ) -> bool:
        """Whether every reference that makes the clone unique has a clone to lead to."""
        scaled = [reference for reference in references if reference.is_scaled]
        numbers = self._numbers(clones, scaled, row, number)
        for reference in scaled:
            key = self._parent_key(clones, reference, row, numbers[reference.columns])
            if key is None:
                if reference.makes_unique and None not in clones.old(row, reference.columns):
                    return False
                continue
            new.update(zip(reference.written, key, strict=True))
            if numbers[reference.columns] != number:
                self._siblings.set_apart(reference, row, number, new)
        self._follow(clones, scaled, row, numbers, new)
        for reference in references:
            if self._gets_null(clones, reference, row, number):
                new.update(dict.fromkeys(reference.columns))
        return True

    def _follow(
        self,
        clones: Clones,
        scaled: Sequence[Reference],
        row: int,
        numbers: Mapping[tuple[str, ...], int],
        new: dict[str, Any],
    ) -> None:
        """Where a row names both its parent and its parent's parent, let a clone name those that belong together."""
        for leading in scaled:
            found = self._parent(clones, leading, row)
            if found is None:
                continue
            parents, place, _ = found
            for key in parents.table.foreign_keys:
                for following in scaled:
                    theirs = parents.old(place, key.columns)
                    if (
                        following is not leading
                        and not following.makes_unique
                        and (following.parent, following.parent_columns) == (key.parent, key.parent_columns)
                        and clones.old(row, following.columns) == theirs
                        and (now := parents.key(place, numbers[leading.columns], key.columns)) is not None
                        and None not in now
                    ):
                        new.update(zip(following.columns, now, strict=True))

    def _parent_key(self, clones: Clones, reference: Reference, row: int, number: int) -> tuple[Any, ...] | None:
        found = self._parent(clones, reference, row)
        if found is None:
            return None
        parents, place, names = found
        if not reference.makes_unique and number > parents.numbers:
            number = 1 + (number - 1) % parents.numbers if parents.numbers else 0
        key = parents.key(place, number, names)
        if key is None and not reference.makes_unique:
            key = parents.key(place, 0, names)
        return None if key is None else reference.as_written(key)

    def _parent(self, clones: Clones, reference: Reference, row: int) -> tuple[Clones, int, tuple[str, ...]] | None:
        values = clones.old(row, reference.columns)
        if None in values:
            return None
        label, names, values = reference.target(values, self._types, self._schema)
        parents = self._clones.get(label)
        if parents is None:
            return None
        place = parents.find(names, values)
        return None if place is None else (parents, place, names)

    def _numbers(
        self, clones: Clones, scaled: Sequence[Reference], row: int, number: int
    ) -> dict[tuple[str, ...], int]:
        """Which clone of each parent a clone names: mostly the same-numbered one.

        Some name the source itself, so that rows which the work asks for by their key get more children, and some
        another clone, so that it has many and the same-numbered one has none.
        """
        numbers = {reference.columns: number for reference in scaled}
        movable = [reference for reference in scaled if reference.may_move and self._parent(clones, reference, row)]
        if not self._variety.skew or not movable:
            return numbers
        group = movable[number % len(movable)]
        there = self._moved(clones, group, row, number, len(movable))
        moved = {**numbers, group.columns: there}
        for reference in movable:
            # What hangs together stays together: an order and its address belong to the same customer.
            if reference is not group and self._belong_together(reference, group):
                moved[reference.columns] = there
        return moved if _stays_unique(clones.table, scaled, moved, number) else numbers

    def _moved(self, clones: Clones, group: Reference, row: int, number: int, turns: int) -> int:
        found = self._parent(clones, group, row)
        most = found[0].numbers if found else 0
        choice = digest(self._variety.seed, clones.table.label, clones.old(row, group.columns), number)
        if most == 1:
            return choice % 2
        if number <= turns:
            return 0
        # Of a unique pair only one half moves, and only to the source: two clones would meet elsewhere.
        elsewhere = 0 if group.makes_unique else 1 + (choice >> 8) % max(most, 1)
        return (0, elsewhere, number, number)[choice % 4]

    def _belong_together(self, one: Reference, other: Reference) -> bool:
        if not one.parent or not other.parent:
            return False
        leads_to = self._schema.leads_to
        return leads_to(one.parent, other.parent, self._clones) or leads_to(other.parent, one.parent, self._clones)

    # ------------------------------------------------------------------------------------- what may vary

    def _gets_null(self, clones: Clones, reference: Reference, row: int, number: int) -> bool:
        if not self._variety.nulls or not reference.is_nullable or reference.makes_unique:
            return False
        choice = digest(self._variety.seed, clones.table.label, reference.columns)
        chosen = clones.wanted[choice % len(clones.wanted)]
        return (row, number) == chosen or digest(choice, clones.old(row, clones.table.identity), number) % _SOME == 0

    def _vary(self, clones: Clones, dates: Sequence[str], row: int, number: int, new: dict[str, Any]) -> None:
        choice = digest(self._variety.seed, clones.table.label, clones.old(row, clones.table.identity), number, "vary")
        if choice % _TIES == 0:
            return
        days = -1 - (choice >> 8) % _DAYS
        for name in dates:
            old = clones.old(row, (name,))[0]
            if old is not None:
                new[name] = shifted(old, days)  # all of a row by the same: what began before it ended still does
        for name in clones.varied_texts:
            old = clones.old(row, (name,))[0]
            if isinstance(old, str) and old and old[0] not in _STRUCTURED and name not in new:
                new[name] = with_suffix(old, number, clones.table.column(name).max_length) or old


def _stays_unique(
    table: Table, scaled: Sequence[Reference], numbers: Mapping[tuple[str, ...], int], number: int
) -> bool:
    """Whether each unique set that relies on references has one to a clone of the row's own number."""
    for unique in table.unique:
        relied = [reference for reference in scaled if set(reference.columns) & set(unique)]
        if relied and all(numbers[reference.columns] != number for reference in relied):
            return False
    return True

"""What the shapes are played with: a schema, its rows, and the ORM's word for a query."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import exp, log
from typing import TYPE_CHECKING

from ennead.kernel.records import OrmEvidence, OrmKind
from ennead.training.generator.block import Call, Row, Value
from ennead.training.generator.schema import Schema, Select, Table, Where, Write

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from random import Random

_KINDS = ("new", "open", "done", "late")


@dataclass(frozen=True)
class Scene:
    """Random choices for the shapes of one unit of work."""

    random: Random
    schema: Schema
    library: str
    """Of the ORM; nothing where there is none."""

    def many(self, low: int = 3, high: int = 60) -> int:
        """A number of rows, the smaller the likelier."""
        return round(exp(self.random.uniform(log(low), log(high))))

    def chance(self, share: float) -> bool:
        """Whether something happens that happens with this probability."""
        return self.random.random() < share

    @cached_property
    def _key_base(self) -> int:
        """Keys of all tables begin near each other, as in a young database, or far away from small numbers."""
        return self.random.choice((0, 0, 1, 40, 7_000, 1_000_000))

    def key(self, at_most: int = 80) -> str:
        """A key of any table."""
        return str(self._key_base + self.random.randint(1, at_most))

    def keys(self, count: int) -> list[str]:
        """Different keys, ascending."""
        numbers = self.random.sample(range(1, max(2 * count, 10) + 1), count)
        return [str(self._key_base + number) for number in sorted(numbers)]

    def text(self) -> str:
        """A value that nothing else has."""
        return f"{self.random.getrandbits(40):x}"

    def row(self, table: Table, key: str, references: Sequence[str] = ()) -> Row:
        """A row with this key and these references, or random ones."""
        told = references or [self.key() for _ in table.references]
        told = [*told, *(self.key() for _ in table.references[len(told) :])]
        return (key, *told, *(self._value(column) for column in table.columns))

    def rows(self, table: Table, keys: Iterable[str]) -> list[Row]:
        """A row for each key."""
        return [self.row(table, key) for key in keys]

    def orm(
        self,
        table: Table,
        method: str = "get",
        *,
        owner: Table | None = None,
        kind: OrmKind | None = None,
        **more: bool,
    ) -> OrmEvidence | None:
        """The ORM's word; with an ``owner`` it is a lazy load of a relation, or an eager one."""
        if not self.library:
            return None
        label = table.model.title()
        if owner is None:
            return OrmEvidence(self.library, kind=kind or "lookup", target=label, models=(label,), method=method)
        many = method in ("all", "filter")
        return OrmEvidence(
            self.library,
            lazy_load=not more.get("eager"),
            kind=kind or "relation",
            relation=f"{owner.model.title()}.{table.model}",
            owner=owner.model.title(),
            target=label,
            cardinality="many" if many else "one",
            models=(label,),
            method=method,
            eager=more.get("eager", False),
        )

    def collection(self, table: Table, keys: Sequence[str], references: Sequence[str] = (), *, line: int = 0) -> Call:
        """The query whose rows are looped over."""
        where: Where = self.random.choice(((), (("status", "="),), (("created_at", ">="),)))
        references = references or [self.key() for _ in keys]
        rows = [
            self.row(table, key, [told]) if table.references else self.row(table, key)
            for key, told in zip(keys, references, strict=True)
        ]
        order = self.random.choice(("", "name"))
        values = tuple(self._value(column) for column, _ in where)
        return Call(Select(table, where, order=order), values, rows, self.orm(table, "all"), line)

    def by_key(
        self, table: Table, value: Value, rows: Sequence[Row], orm: OrmEvidence | None = None, column: str = "id"
    ) -> Call:
        """One read by an equality; some libraries ask for one row more than they want."""
        limited = self._limits and column == "id"
        values = (value, "21") if limited else (value,)
        return Call(Select(table, ((column, "="),), limit=limited), values, rows, orm)

    @cached_property
    def _limits(self) -> bool:
        return self.chance(0.5)

    def write(self, table: Table, key: str | None = None) -> Call:
        """An update of one row, or an insert."""
        if key is not None:
            return Call(Write("update", table), (self.text(), key))
        values = tuple(self._value(column) for column in table.all_columns[1:])
        return Call(Write("insert", table), values)

    def _value(self, column: str) -> str:
        if column in ("status", "kind"):
            return self.random.choice(_KINDS)
        if column in ("is_active", "position"):
            return str(self.random.randint(0, 9))
        return self.text()

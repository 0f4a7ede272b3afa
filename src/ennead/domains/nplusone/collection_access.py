"""One access to a Django collection: what it asks for, and its line with something else in its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ennead.domains.nplusone.access_chain import chain_from
from ennead.domains.nplusone.lookup_statement import read_lookup
from ennead.domains.nplusone.model_names import field_of, model_of
from ennead.domains.nplusone.relation_paths import path_to
from ennead.kernel.finding import Recommendation

if TYPE_CHECKING:
    from ennead.domains.nplusone.access_chain import AccessChain
    from ennead.domains.nplusone.lookup_statement import LookupStatement
    from ennead.domains.nplusone.relation_paths import RelationPaths
    from ennead.domains.nplusone.rules import Evidence
    from ennead.kernel.call_site import CallSite
    from ennead.kernel.records import OrmEvidence

_CALLED = frozenset({"count", "exists", "aggregate", "first", "last", "latest", "earliest", "order_by", "distinct"})


@dataclass(frozen=True)
class CollectionAccess:
    """One access, with everything that its statement and its line tell."""

    evidence: Evidence
    orm: OrmEvidence

    @property
    def field(self) -> str:
        """Name of the collection on its rows."""
        return field_of(self.orm)

    @property
    def place(self) -> CallSite | None:
        """The line of the access."""
        path = self.evidence.group.call_path
        return path[0] if path else None

    @cached_property
    def lookup(self) -> LookupStatement | None:
        """The statement."""
        return read_lookup(self.evidence.group.first.statement)

    @cached_property
    def chain(self) -> AccessChain | None:
        """The expression, if it is written on one line."""
        return chain_from(self.place, self.field)

    @cached_property
    def found(self) -> RelationPaths:
        """The way to the collection."""
        return path_to(self.evidence)

    @property
    def row(self) -> str:
        """What the line calls the collection's owner."""
        return self.chain.owner if self.chain else model_of(self.orm.owner).lower()

    @property
    def written(self) -> str:
        """The access as the user wrote it."""
        if self.chain is not None:
            return self.chain.text
        return f".{self.field}.{self.orm.method if self.orm.method in _CALLED else 'filter'}"

    @property
    def own_conditions(self) -> int:
        """Conditions of the relation itself: a generic one has a second, for the content type."""
        conditions = self.lookup.conditions if self.lookup else ()
        return 1 + any("type_id = ?" in condition for condition in conditions)

    @property
    def link(self) -> str | None:
        """The foreign key's attribute on the target, where the collection hangs on one."""
        columns = self.evidence.group.set_columns
        if self.lookup is None or len(columns) != 1 or self.own_conditions > 1:
            return None
        is_link = columns[0].endswith("_id") and self.lookup.owns(columns[0])
        return columns[0] if is_link and self._is_on_target else None

    @property
    def _is_on_target(self) -> bool:
        """Whether the statement reads the target's table: of many to many, the table between answers some questions.

        A figure of one of its columns does; else the table has to have the name that Django gives it.
        """
        if self.lookup is None or self.orm.target is None:
            return False
        has_column = self.lookup.aggregate is not None and self.lookup.aggregate.column is not None
        return has_column or self.lookup.table == self.orm.target.lower().replace(".", "_")

    @cached_property
    def filters(self) -> dict[str, str] | None:
        """All further conditions, with values that mean the same everywhere; ``None`` if they are not known."""
        if self.lookup is None:
            return None
        more = len(self.lookup.conditions) - self.own_conditions
        if more == 0:
            return {}
        calls = [call for call in self.chain.calls if call.name == "filter"] if self.chain else []
        known = bool(calls) and all(call.keywords and call.is_constant for call in calls)
        found = {name: text for call in calls for name, text, _ in call.keywords}
        excludes = self.chain is None or any(call.name == "exclude" for call in self.chain.calls)
        return found if known and not excludes and len(found) == more else None

    @property
    def caution(self) -> str:
        """A method, or a module of its own, is called with rows of other queries, too."""
        access, origin = self.place, self.found.place
        is_python = access is not None and access.language == "python"
        if self.row == "self" or (
            is_python and access is not None and origin is not None and access.file != origin.file
        ):
            return " Rows that other code loads do not have it: keep the query there for them (hasattr)."
        return ""

    def with_reading(
        self, advice: Recommendation, text: str | None, name: str, in_template: str
    ) -> tuple[Recommendation, ...]:
        """The advice for the origin and, where it is complete, the line that reads what it loads.

        Parameters
        ----------
        advice
            For the origin.
        text
            What to read in Python, ``order.lines_count``; ``None`` if that is not clear.
        name
            Of the attribute.
        in_template
            What to read of a row in a Django template, ``lines_count``.
        """
        line = self._edited(text, in_template) if advice.code is not None else None
        if line is None:
            return (advice,)
        note = "The other half of the change: it reads what the query of the rows has loaded."
        return advice, Recommendation(f"Read {name} there", note, line, place=self.place)

    def _edited(self, text: str | None, in_template: str) -> str | None:
        if self.chain is not None:
            return self.chain.replaced_by(text) if text is not None else None
        if not in_template:
            return None
        line = self.place.source or "" if self.place is not None and self.place.language == "django-template" else ""
        access = re.compile(rf"(?<=\.){re.escape(self.field)}\.{self.orm.method}\b(?![.(])")
        return access.sub(in_template, line) if len(access.findall(line)) == 1 else None

"""The query set at the origin of a Django relation, and whether a call can be put there."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from ennead.domains.nplusone.access_chain import line_of
from ennead.domains.nplusone.model_names import field_of, model_of
from ennead.domains.nplusone.source_edits import query_in
from ennead.kernel.finding import Recommendation

if TYPE_CHECKING:
    from ennead.domains.nplusone.relation_paths import RelationPaths
    from ennead.domains.nplusone.source_edits import QueryText
    from ennead.kernel.records import OrmEvidence


class DjangoOrigin:
    """Where the rows came from that relations hang on."""

    def __init__(self, found: RelationPaths) -> None:
        self.found = found

    @property
    def orm(self) -> OrmEvidence | None:
        """The root's evidence, if Django ran it."""
        orm = self.found.root.orm if self.found.root else None
        return orm if orm is not None and orm.library == "django" else None

    @property
    def owner(self) -> str:
        """Name of the model that the paths start from."""
        return model_of(self.found.owner)

    @cached_property
    def query(self) -> QueryText | None:
        """The query set as it is written in the origin's line."""
        if self.orm is None or self.orm.target is None:
            return None
        return query_in(self.found.place, model_of(self.orm.target), field_of(self.orm) if self.orm.relation else None)

    @cached_property
    def prefix(self) -> str | None:
        """What leads from the root's model to the paths' owner; ``None`` if that is not known."""
        if self.found.starts_at_root:
            return ""
        joined = self.query.constants("select_related") if self.query else None
        models = self.orm.models if self.orm else ()
        if joined and len(joined) == 1 and models[-1] == self.found.owner:
            return f"{joined[0]}__" if len(models) == joined[0].count("__") + 2 else None
        return None

    @property
    def can_join(self) -> bool:
        """A query that locks its rows must get no outer joins, and raw SQL none at all."""
        is_raw = self.orm is not None and self.orm.method == "raw"
        return not is_raw and (self.query is None or "select_for_update" not in self.query.calls)

    def advice(self, title: str, text: str, call: str) -> Recommendation:
        """``call`` in the origin's line, or alone where that does not show the query set; words where it cannot be."""
        if self.prefix is None:
            text += (
                f" It belongs on the query set that loads the {self.owner} rows; on another one, write the way to "
                "them in front."
            )
            return Recommendation(title, text, call, place=None)
        obstacle = self._obstacle(call)
        if obstacle is not None:
            return Recommendation(title, f"{text} {obstacle}", None, place=self.found.place)
        return self._placed(title, text + self._where(), call)

    def _where(self) -> str:
        """Where to look, if the line does not show the query set."""
        line = line_of(self.found.place)
        if self.query is not None:
            return ""
        if line.startswith("class "):
            return " Put it on the query set that get_queryset() returns; an admin also has list_select_related."
        return (
            f" The line does not show the query set: put the call where the {self.owner} query set is built (a "
            "manager, a "
            "field, a base class)."
        )

    def _placed(self, title: str, text: str, call: str) -> Recommendation:
        return Recommendation(title, text, self.query.appended(call) if self.query else call, place=self.found.place)

    def _obstacle(self, call: str) -> str | None:
        """Why the call cannot simply be appended."""
        calls = self.query.calls if self.query else {}
        prefetches = call.startswith(".prefetch_related(")
        if ("only" in calls or "defer" in calls) and self.found.paths[0][0].cardinality == "one":
            field = field_of(self.found.paths[0][0])
            return f"The query leaves columns out: let it load {field} itself, too, and add {call}."
        size = calls.get("iterator") or calls.get("aiterator")
        if prefetches and size is not None and not size.args and not size.keywords:
            return f"Add {call}, and tell .iterator() a size, or it does not prefetch: .iterator(chunk_size=2000)."
        between = any(len(path) > 1 and path[0].eager for path in self.found.paths)
        if between and (self.query is None or self.query.constants("prefetch_related") is None):
            return (
                f"The rows in between are prefetched already: add {call}, or, if that prefetch has a query set of "
                "its own, "
                "add the relation to that query set."
            )
        return None

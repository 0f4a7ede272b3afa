"""Candidates that load the relations of a whole tree with the rows they hang on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ennead.fixes.candidate import Candidate
from ennead.fixes.django.eager_calls import load_relations, named_paths
from ennead.fixes.django.query_place import QueryPlace, QueryPlaces
from ennead.fixes.syntax.edits import Edits
from ennead.kernel.call_site import CallSite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.fixes.project_sources import ProjectSources
    from ennead.kernel.finding import Finding

_MOST_PREFIXES = 3
_WHOLE = frozenset({"all", "contains", "prefetch_related", "get", None})
"""Methods after which a prefetched collection is read."""
_IN_TEMPLATES = frozenset({"count", "exists"})
"""A template gives them no conditions, and without conditions they look at what was prefetched."""


class RelationTree:
    """The relations that a finding's evidence says have to be loaded together."""

    def __init__(self, finding: Finding) -> None:
        self.evidence = finding.evidence
        self.finding = finding

    @property
    def paths(self) -> list[list[dict[str, Any]]]:
        """From the root's rows on."""
        return list(self.evidence.get("relation_paths") or ())

    @property
    def root_model(self) -> str | None:
        """Class name of the root's rows."""
        label = self.evidence.get("root_model")
        return label.rpartition(".")[2] if isinstance(label, str) else None

    @property
    def root_place(self) -> CallSite | None:
        """Where the root's rows were queried."""
        place = self.evidence.get("root_place")
        return CallSite.from_dict(place) if place else self.finding.origin

    @property
    def owner(self) -> str:
        """Label of the model that the paths start from."""
        return str(self.paths[0][0]["relation"]).rpartition(".")[0]

    def prefixes(self, query: QueryPlace | None) -> list[str]:
        """What may lead from the root's model to the paths: what the query set joins or prefetches already."""
        known = self.evidence.get("root_prefix")
        if known == "" and query is not None and (way := self._through_itself):
            return ["", f"{way}__"]
        if known is not None:
            return [str(known)]
        if self.evidence.get("root_model") in (None, self.owner) or query is None:
            return [""]
        named = named_paths(query, "select_related") + named_paths(query, "prefetch_related")
        ways = ["__".join(name.split("__")[: end + 1]) for name in named for end in range(len(name.split("__")))]
        return [f"{way}__" for way in dict.fromkeys(ways)][:_MOST_PREFIXES] or [""]

    @property
    def _through_itself(self) -> str:
        """``parent`` where ``self.parent.product_class`` is read: another row of the same model."""
        path, place = self.paths[0] if self.paths else [], self.finding.call_site
        if len(path) != 1 or self.owner != self.evidence.get("root_model") or place is None:
            return ""
        field = str(path[0]["relation"]).rpartition(".")[2]
        found = re.search(rf"\.(\w+)\.{field}\b", place.source or "")
        return found[1] if found is not None else ""

    def joined(self, prefix: str) -> list[str]:
        """Paths of single rows, which a join can load."""
        return [prefix + self._name(path) for path in self.paths if self._is_single(path)]

    def prefetched(self, prefix: str) -> list[str]:
        """Paths that need a query for each level."""
        return [prefix + self._name(path) for path in self.paths if not self._is_single(path)]

    def all(self, prefix: str) -> list[str]:
        """All paths."""
        return [prefix + self._name(path) for path in self.paths]

    @property
    def goes_through_generic(self) -> bool:
        """A path goes on behind a relation that leads to rows of several models."""
        return any(step.get("generic") for path in self.paths for step in path[:-1])

    @staticmethod
    def _name(path: list[dict[str, Any]]) -> str:
        return "__".join(str(step["relation"]).rpartition(".")[2] for step in path)

    @staticmethod
    def _is_single(path: list[dict[str, Any]]) -> bool:
        return all(step.get("cardinality") == "one" and not step.get("generic") for step in path)


def relation_loads(finding: Finding, sources: ProjectSources) -> Iterator[Candidate]:
    """``select_related`` and ``prefetch_related`` at the query set that the rows come from."""
    tree = RelationTree(finding)
    if not tree.paths or tree.goes_through_generic or not loads_whole(finding):
        return
    places = QueryPlaces(sources, tree.root_model, finding.call_path)
    for query in places.at(tree.root_place)[:2]:
        for prefix in tree.prefixes(query):
            yield from loads_at(tree, query, prefix)


def loads_whole(finding: Finding) -> bool:
    """Whether the rows of the relation are asked for as they are: a part of a collection uses no plain prefetch.

    Where the line does not name the relation, a library reads it, and that may look for prefetched rows.
    """
    if finding.kind == "deferred" or finding.code != "n-plus-one":
        return False
    if finding.evidence.get("cardinality") == "one" or finding.evidence.get("method") in _WHOLE:
        return True
    place = finding.call_site
    if place is not None and place.language != "python" and finding.evidence.get("method") in _IN_TEMPLATES:
        return True
    line = (place.source or "") if place is not None else ""
    return str(finding.relation).rpartition(".")[2] not in line


def loads_at(tree: RelationTree, query: QueryPlace, prefix: str) -> Iterator[Candidate]:
    """Joining where that is possible, then with queries of their own."""
    can_join = tree.evidence.get("root_method") != "raw" and query.chain.link("select_for_update", "raw") is None
    if can_join and tree.joined(prefix):
        yield from _load(query, tree.joined(prefix), tree.prefetched(prefix))
    yield from _load(query, [], tree.all(prefix))


def _load(query: QueryPlace, joined: list[str], prefetched: list[str]) -> Iterator[Candidate]:
    edits = Edits(query.source)
    if not load_relations(edits, query, joined, prefetched):
        return
    text = edits.text()
    if text is not None:
        yield Candidate(
            title=title_of(joined, prefetched), strategy=strategy_of(joined), files={query.source.file: text}
        )


def strategy_of(joined: list[str]) -> str:
    """The kind of change."""
    return "select-related" if joined else "prefetch"


def title_of(joined: list[str], prefetched: list[str]) -> str:
    """What the change does, in a few words."""
    names = " and ".join(name.replace("__", ".") for name in (*joined, *prefetched))
    return f"Load {names} with the rows ({'select_related' if joined else 'prefetch_related'})"

"""A look-up that is written out: ``Customer.objects.filter(number=number).first()``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.django.model_source import foreign_key
from ennead.fixes.django.query_methods import MANAGERS, NARROWING, without_async
from ennead.fixes.syntax.bindings import bindings_of
from ennead.fixes.syntax.method_chain import Link, MethodChain, chain_of, chains_in, whole_chain
from ennead.fixes.syntax.names import free_names
from ennead.fixes.syntax.source_file import SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.fixes.project_sources import ProjectSources
    from ennead.kernel.finding import Finding

_KEEPING = NARROWING | {"using", "prefetch_related", "annotate", "alias", "iterator"}
_RAW = re.compile(
    r"SELECT\s+\*\s+FROM\s+\w+\s+WHERE\s+(\w+)\s*=\s*%s(?:\s+ORDER\s+BY\s+(\w+(?:\s+(?:ASC|DESC))?(?:\s*,\s*\w+(?:\s+(?:ASC|DESC))?)*))?",
    re.IGNORECASE,
)
_FIELDS = frozenset({"values_list"})
_ASKING = frozenset({"get", "filter"})


@dataclass(frozen=True)
class Condition:
    """``number=number``: a field, and the value it is compared with."""

    field: str
    value: cst.BaseExpression
    links: bool
    """The field is a foreign key and the value an object."""

    @property
    def attribute(self) -> str:
        """What a row calls the value."""
        return f"{self.field}_id" if self.links else self.field


@dataclass(frozen=True)
class LookupRead:
    """One look-up."""

    source: SourceFile
    node: cst.BaseExpression
    """What is to be replaced; an ``await`` in front of it belongs to it."""
    model: str
    manager: str
    """``Customer.objects`` as it is written."""
    conditions: tuple[Condition, ...]
    """Comparisons for equality."""
    kept: tuple[str, ...]
    """The other calls as they are written, and other conditions as ``.exclude(...)``."""
    terminal: str
    """What is done in the end: ``get``, ``first``, ``count`` ... or empty for all rows."""
    last: cst.Call | None
    """The last call."""
    columns: tuple[str, ...]
    """Fields that ``values_list`` takes; empty for objects."""
    is_flat: bool

    @property
    def text(self) -> str:
        """The look-up as it is written."""
        return self.source.text_of(self.node)


def lookup_reads(finding: Finding, sources: ProjectSources) -> Iterator[LookupRead]:
    """The look-ups that a finding's access may mean."""
    place = finding.call_site
    source = SourceFile.of(sources, place.file) if place is not None and place.language == "python" else None
    if source is None or place is None:
        return
    chains = [whole_chain(source, node) for node in source.at(place)]
    statement = source.statement_at(place.line)
    chains += list(chains_in(source, statement)) if statement is not None else []
    seen: set[int] = set()
    for chain in chains:
        read = _read(sources, source, chain) or _through_name(sources, source, chain)
        if read is not None and id(read.node) not in seen:
            seen.add(id(read.node))
            yield read


def _through_name(sources: ProjectSources, source: SourceFile, chain: MethodChain) -> LookupRead | None:
    """The query set has a name, and what is asked of it is written apart."""
    if not isinstance(chain.root, cst.Name):
        return None
    bindings = bindings_of(source, chain.root.value, chain.root)[:1]
    if not bindings or bindings[0].kind != "value" or not isinstance(bindings[0].value, cst.Call):
        return None
    bound = chain_of(bindings[0].value)
    read = _read(sources, source, MethodChain(bound.root, (*bound.links, *chain.links)))
    if read is None or chain.links:
        return read
    values = {name: getattr(read, name) for name in read.__dataclass_fields__}
    return LookupRead(**{**values, "node": bindings[0].value})


def _read(sources: ProjectSources, source: SourceFile, chain: MethodChain) -> LookupRead | None:
    number = next((index for index, link in enumerate(chain.links) if link.name in MANAGERS), None)
    if number is None:
        return None
    model = chain.links[number - 1].name if number else source.text_of(chain.root)
    if not model[:1].isupper():
        return None
    parts = _Parts(sources, source, model)
    used = 0
    for link in chain.links[number + 1 :]:
        if not parts.add(link):
            break
        used += 1
        if parts.terminal:
            break
    if not used or not parts.is_known or not parts.conditions:
        return None
    node = chain.links[number + used].node
    above = source.parent(node)
    return LookupRead(
        source=source,
        node=above if isinstance(above, cst.Await) else node,
        model=model,
        manager=source.text_of(chain.links[number].node),
        conditions=tuple(parts.conditions),
        kept=tuple(parts.kept),
        terminal=parts.terminal,
        last=parts.last,
        columns=tuple(parts.columns),
        is_flat=parts.is_flat,
    )


class _Parts:
    """Reads a chain call by call."""

    def __init__(self, sources: ProjectSources, source: SourceFile, model: str) -> None:
        self.sources = sources
        self.source = source
        self.model = model
        self.conditions: list[Condition] = []
        self.kept: list[str] = []
        self.columns: list[str] = []
        self.terminal = ""
        self.last: cst.Call | None = None
        self.is_flat = False
        self.is_known = True

    def add(self, link: Link) -> bool:
        """Take one step; whether it belongs to the look-up."""
        name = without_async(link.name)
        if not link.name:
            return self._subscript(link)
        if link.call is None:
            return False
        self.last = link.call
        if name in _ASKING:
            self._conditions(link.call)
            self.terminal = "get" if name == "get" else ""
        elif name in _FIELDS:
            self._fields(link.call)
        elif name == "in_bulk":
            self._in_bulk(link.call)
        elif name == "raw":
            self._raw(link.call)
        elif name in _KEEPING:
            arguments = self._arguments(link.call)
            if name not in ("all", "iterator"):
                self.kept.append(f".{name}({arguments})")
        else:
            self.terminal = name
        return True

    def _subscript(self, link: Link) -> bool:
        if isinstance(link.node, cst.Subscript) and self.source.text_of(link.node).replace(" ", "").endswith("[0]"):
            self.terminal = "[0]"
            return True
        self.is_known = False
        return False

    def _arguments(self, call: cst.Call) -> str:
        if not call.args:
            return ""
        start = self.source.outer_span(call.args[0].keyword or call.args[0].value)[0] - len(call.args[0].star)
        return self.source.text[start : self.source.outer_span(call.args[-1].value)[1]]

    def _conditions(self, call: cst.Call) -> None:
        for item in call.args:
            if item.keyword is None or item.star:
                self.is_known = False
                continue
            field = item.keyword.value.removesuffix("__exact")
            links = self._links(field, item.value)
            self.conditions.append(Condition(field, item.value, links))

    def _links(self, field: str, value: cst.BaseExpression) -> bool:
        """Whether a condition compares a foreign key with an object."""
        model = self.model
        *steps, last = field.split("__")
        for step in steps:
            found = foreign_key(self.sources, model, step, self.source.file) if not step.endswith("_id") else None
            if found is None:
                return False
            model = found.target
        is_link = not last.endswith("_id") and foreign_key(self.sources, model, last, self.source.file) is not None
        written = self.source.text_of(value)
        return is_link and not written.endswith(("_id", ".pk", ".id", '"pk"]', '"id"]')) and written not in ("pk", "id")

    def _fields(self, call: cst.Call) -> None:
        for item in call.args:
            if item.keyword is not None and item.keyword.value == "flat":
                self.is_flat = True
            elif item.keyword is None and isinstance(item.value, cst.SimpleString):
                self.columns.append(str(item.value.evaluated_value))
            else:
                self.is_known = False

    def _in_bulk(self, call: cst.Call) -> None:
        """``in_bulk([key])`` asks for one row."""
        keys = call.args[0].value if len(call.args) == 1 and call.args[0].keyword is None else None
        if not isinstance(keys, cst.List | cst.Tuple) or len(keys.elements) != 1:
            self.is_known = False
            return
        self.conditions.append(Condition("pk", keys.elements[0].value, links=False))
        self.terminal = "in_bulk"

    def _raw(self, call: cst.Call) -> None:
        """A statement that asks for all columns of the rows with one value."""
        values = [item.value for item in call.args]
        statement = values[0] if len(values) == 2 and isinstance(values[0], cst.SimpleString) else None  # noqa: PLR2004 -- statement, parameters
        found = _RAW.fullmatch(str(statement.evaluated_value).strip()) if statement is not None else None
        given = values[-1] if values else None
        if found is None or not isinstance(given, cst.List | cst.Tuple) or len(given.elements) != 1:
            self.is_known = False
            return
        self.conditions.append(Condition(found[1], given.elements[0].value, links=False))
        if found[2]:
            terms = (term.split() for term in found[2].split(","))
            order = [("-" if term[-1].upper() == "DESC" else "") + term[0] for term in terms]
            self.kept.append(f".order_by({', '.join(chr(34) + term + chr(34) for term in order)})")


def names_of(read: LookupRead, condition: Condition) -> set[str]:
    """Names that a condition's value reads."""
    return {name.value for name in free_names(read.source, condition.value)}

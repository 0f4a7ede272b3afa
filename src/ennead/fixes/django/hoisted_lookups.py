"""Candidates for look-ups in a loop: one query in front of it, a dictionary or a set in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.candidate import Candidate
from ennead.fixes.django.lookup_forms import AskedAtOnce, forms_of
from ennead.fixes.django.lookup_read import LookupRead, lookup_reads, names_of
from ennead.fixes.syntax.bindings import free_name
from ennead.fixes.syntax.hoisting import Hoisting
from ennead.fixes.syntax.loop_values import LoopValues, loop_values
from ennead.fixes.syntax.project_edits import ProjectEdits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.fixes.django.lookup_forms import LookupForm
    from ennead.fixes.django.lookup_read import Condition
    from ennead.fixes.project_sources import ProjectSources
    from ennead.kernel.finding import Finding

_MOST_READS = 2


def hoisted_lookups(finding: Finding, sources: ProjectSources) -> Iterator[Candidate]:
    """One query for the values of the whole loop."""
    if finding.code != "n-plus-one" or finding.relation:
        return
    for read in list(lookup_reads(finding, sources))[:_MOST_READS]:
        for varying in _varying(finding, read):
            found = loop_values(
                sources, read.source, read.node, [item.value for item in varying], finding.call_path[1:]
            )
            candidates = list(_candidates(finding, sources, read, varying, found)) if found is not None else []
            yield from candidates
            if candidates:
                break


def _varying(finding: Finding, read: LookupRead) -> Iterator[tuple[Condition, ...]]:
    """The conditions whose values differ: those on the columns that the evidence names, else all that are no texts."""
    columns = set(finding.evidence.get("set_columns") or finding.evidence.get("varying_columns") or ())
    named = tuple(item for item in read.conditions if _names(item, read, columns))
    if named:
        yield named
    variable = tuple(item for item in read.conditions if names_of(read, item))
    if variable and variable != named:
        yield variable


def _names(condition: Condition, read: LookupRead, columns: set[str]) -> bool:
    field = condition.field.rpartition("__")[2]
    return bool({field, f"{field}_id", "id" if field == "pk" else field} & columns) and bool(names_of(read, condition))


def _candidates(
    finding: Finding, sources: ProjectSources, read: LookupRead, varying: tuple[Condition, ...], values: LoopValues
) -> Iterator[Candidate]:
    edits = ProjectEdits(sources)
    fixed = tuple(item for item in read.conditions if item not in varying)
    if not _say_the_same(read, fixed, values):
        return
    for form in _forms(finding, edits, read, varying, fixed, values):
        edits = ProjectEdits(sources)
        hoisting = Hoisting(edits, values)
        asked = _asked(finding, read, varying, fixed, hoisting)
        same = next((item for item in forms_of(asked) if item.title == form.title), None)
        if same is None or not edits.need(values.source, read.model):
            continue
        if not all(edits.need(values.source, name, module) for module, name in same.imports):
            continue
        _write(edits, read, varying, hoisting, same)
        files = edits.files()
        if files is not None:
            yield Candidate(title=same.title, strategy=same.strategy, files=files)


def _forms(
    finding: Finding,
    edits: ProjectEdits,
    read: LookupRead,
    varying: tuple[Condition, ...],
    fixed: tuple[Condition, ...],
    values: LoopValues,
) -> list[LookupForm]:
    return forms_of(_asked(finding, read, varying, fixed, Hoisting(edits, values)))


def _asked(
    finding: Finding,
    read: LookupRead,
    varying: tuple[Condition, ...],
    fixed: tuple[Condition, ...],
    hoisting: Hoisting,
) -> AskedAtOnce:
    keys = [_key(condition, text) for condition, text in zip(varying, hoisting.values.texts, strict=True)]
    return AskedAtOnce(
        read=read,
        varying=varying,
        fixed=fixed,
        order=tuple(finding.evidence.get("order") or ()),
        is_asynchronous=hoisting.values.is_asynchronous,
        key_lists=tuple(hoisting.all_of(key) for key in keys),
    )


def _key(condition: Condition, text: str) -> str:
    """What is compared: of an object its key."""
    return f"{text}.pk" if condition.links else text


def _say_the_same(read: LookupRead, fixed: tuple[Condition, ...], values: LoopValues) -> bool:
    """The other conditions must not depend on the loop, nor on what only the called function knows."""
    names = {name for item in fixed for name in names_of(read, item)}
    if not names:
        return True
    return read.source.file == values.source.file and not values.passed and values.knows(names, read.node)


def _write(
    edits: ProjectEdits,
    read: LookupRead,
    varying: tuple[Condition, ...],
    hoisting: Hoisting,
    form: LookupForm,
) -> None:
    name = free_name(read.source, form.name)
    if read.source.file != hoisting.values.source.file:
        name = free_name(hoisting.values.source, name)
    hoisting.setup(form.setup.replace("{name}", name))
    own = [_key(condition, read.source.text_of(condition.value)) for condition in varying]
    key = own[0] if len(own) == 1 else f"({', '.join(own)})"
    instead = form.instead.replace("{name}", name).replace("{key}", key)
    if instead.startswith("(") and _stands_alone(read):
        instead = instead[1:-1]
    if hoisting.hand_down(name, form.hint):
        instead = f"({instead} if {name} is not None else {read.text})"
    above = read.source.parent(read.node)
    if " in " in instead and isinstance(above, cst.UnaryOperation) and isinstance(above.operator, cst.Not):
        edits.of(read.source).replace(above, instead.replace(" in ", " not in ", 1))
    else:
        edits.of(read.source).replace(read.node, instead)
    if form.strategy in ("in-bulk", "in-query") and read.terminal == "get":
        _catch_missing_keys(edits, read)


def _stands_alone(read: LookupRead) -> bool:
    above = read.source.parent(read.node)
    return isinstance(above, cst.UnaryOperation | cst.If | cst.Return | cst.Assign | cst.CompIf | cst.Arg)


def _catch_missing_keys(edits: ProjectEdits, read: LookupRead) -> None:
    """``except Customer.DoesNotExist`` around the look-up becomes ``except KeyError``."""
    for above in read.source.ancestors(read.node):
        if isinstance(above, cst.FunctionDef):
            return
        for handler in above.handlers if isinstance(above, cst.Try) else ():
            written = read.source.text_of(handler.type) if handler.type is not None else ""
            if re.fullmatch(rf"(?:\w+\.)*{read.model}\.DoesNotExist|ObjectDoesNotExist", written) and handler.type:
                edits.of(read.source).replace(handler.type, "KeyError")

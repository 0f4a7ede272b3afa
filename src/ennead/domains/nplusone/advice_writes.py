"""Advice for writes row by row."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ennead.domains.nplusone.access_chain import argument_of, calls_of, executed
from ennead.domains.nplusone.model_names import field_of, model_of, target_of
from ennead.kernel.finding import Recommendation

if TYPE_CHECKING:
    from ennead.domains.nplusone.rules import Decision, Evidence
    from ennead.kernel.records import OrmEvidence

_ASSIGNED = re.compile(r'["`\[]?(\w+)["`\]]?\s*=\s*\?')
_MANY_COLUMNS = 6
_TEXT = {
    "insert": "Build the rows in the loop and write them after it with one statement.",
    "update": "Change the rows in the loop and write them after it, or let one UPDATE with a condition do it.",
    "delete": "Collect the keys and delete with one condition after the loop.",
    "upsert": "If the import grows large, read the existing keys with one query, then insert the missing ones in bulk "
    "(or use the database's upsert, for which the keys need a unique constraint). For a handful of rows this is fine "
    "as it "
    "is.",
}
_DJANGO_NOTE = " It calls no save() or delete() and sends no signals: see that nothing depends on them."
_AUTOFLUSH = " If the loop's own queries send them (autoflush), load what it reads before it."
_SQLALCHEMY_TEXT = {
    "insert": " With the ORM: session.add_all() and one flush after the loop; with Core: execute(insert(...), list of "
    "dictionaries).",
    "update": " With the ORM: change the objects and flush once after the loop; with Core: execute(update(...), list "
    "of "
    "dictionaries with the primary key).",
    "delete": " execute(delete(...).where(<primary key>.in_(keys))) does, but cascades of the ORM do not run: see "
    "that the "
    "database has them.",
}
_IN_BULK = {
    "peewee": {
        "insert": "{model}.bulk_create(objects, batch_size=100)",
        "update": "{model}.bulk_update(objects, fields=[{attributes}], batch_size=100)",
        "delete": "{model}.delete().where({model}._meta.primary_key.in_(keys)).execute()",
    },
    "tortoise": {
        "insert": "await {model}.bulk_create(objects)",
        "update": "await {model}.bulk_update(objects, fields=[{columns}])",
        "delete": "await {model}.filter(pk__in=keys).delete()",
    },
}


def write_advice(evidence: Evidence, decision: Decision) -> tuple[Recommendation, ...]:
    """Recommendations for one group of writes."""
    orm = evidence.group.orm
    text = _TEXT.get(decision.kind, _TEXT["update"])
    title, place = f"Write in bulk: {decision.kind}", evidence.loop_site
    if orm is not None and orm.library == "django":
        if orm.method == "add" and orm.relation:
            return (_links(evidence, orm),)
        code = _django_code(evidence, orm, decision.kind)
        note = _DJANGO_NOTE if decision.kind in ("insert", "update") else ""
        return (Recommendation(title, text + note, code, place=place),)
    if orm is not None and orm.library in _IN_BULK:
        return (Recommendation(title, text, _in_bulk(evidence, orm, decision.kind), place=place),)
    if _is_sqlalchemy(evidence):
        flushes = " The flush() belongs after the loop." if "flush" in _calls(evidence) else ""
        text += _SQLALCHEMY_TEXT.get(decision.kind, "") + flushes + _AUTOFLUSH
        return (Recommendation(title, text, _sqlalchemy_code(evidence, decision.kind), place=place),)
    return (Recommendation(title, text, None, place=place),)


def _is_sqlalchemy(evidence: Evidence) -> bool:
    """SQLAlchemy says nothing of single writes: the unit of work and the line may."""
    calls = _calls(evidence)
    written = "flush" in calls or ("execute" in calls and bool(calls & {"insert", "update", "delete"}))
    return written or any(group.orm is not None and group.orm.library == "sqlalchemy" for group in evidence.groups)


def _sqlalchemy_code(evidence: Evidence, kind: str) -> str | None:
    """One statement for all rows, where the model is known and no key has to be guessed."""
    orm = evidence.group.orm
    access = evidence.group.call_path[0] if evidence.group.call_path else None
    model = model_of(orm.target) if orm is not None and orm.target else argument_of(access, "insert")
    return (
        executed(access, evidence.loop_site, "execute", f"insert({model}), rows")
        if model and kind == "insert"
        else None
    )


def _django_code(evidence: Evidence, orm: OrmEvidence, kind: str) -> str | None:
    model = target_of(orm)
    if kind == "insert":
        return f"{model}.objects.bulk_create(objects)"
    if kind == "delete":
        return f"{model}.objects.filter(pk__in=keys).delete()"
    if kind == "upsert":
        return f"{model}.objects.bulk_create(objects, ignore_conflicts=True)" if orm.method == "get_or_create" else None
    columns = _assigned_columns(evidence.group.first.statement)
    if not columns or len(columns) > _MANY_COLUMNS:
        return None
    return f"{model}.objects.bulk_update(objects, fields=[{', '.join(columns)}])"


def _in_bulk(evidence: Evidence, orm: OrmEvidence, kind: str) -> str | None:
    template = _IN_BULK[orm.library].get(kind)
    columns = _assigned_columns(evidence.group.first.statement) if kind == "update" else []
    if template is None or (kind == "update" and not 0 < len(columns) <= _MANY_COLUMNS):
        return None
    model = target_of(orm)
    attributes = ", ".join(f"{model}.{column.strip(chr(34))}" for column in columns)
    return template.format(model=model, columns=", ".join(columns), attributes=attributes)


def _assigned_columns(statement: str) -> list[str]:
    """Columns between SET and WHERE, as Python texts."""
    assigned = re.split(r"\bWHERE\b", re.split(r"\bSET\b", statement, maxsplit=1)[-1], maxsplit=1)[0]
    return [f'"{name}"' for name in _ASSIGNED.findall(assigned)]


def _links(evidence: Evidence, orm: OrmEvidence) -> Recommendation:
    """Rows of the table between two models."""
    owner, field, target = model_of(orm.owner), field_of(orm), target_of(orm)
    text = (
        f"Each .{field}.add() writes for one {owner}. Make the rows of the table between in the loop and write them "
        "after it "
        f"with one statement, or add from the other side where one {target} gets all of them. It sends no "
        "m2m_changed signal."
    )
    code = f"{owner}.{field}.through.objects.bulk_create(links, ignore_conflicts=True)"
    return Recommendation(f"Write the {field} in bulk", text, code, place=evidence.loop_site)


def _calls(evidence: Evidence) -> frozenset[str]:
    return calls_of(evidence.group.call_path[0] if evidence.group.call_path else None)

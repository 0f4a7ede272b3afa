"""SELECTs that a user wrote with models: look-ups by key, aggregates, and the rest."""

from __future__ import annotations

from pathlib import Path
from sys import _getframe
from typing import TYPE_CHECKING, Any

import sqlalchemy
from sqlalchemy import Exists, inspect
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.sql.functions import FunctionElement

from ennead.kernel.records import OrmEvidence
from ennead.sources.sqlalchemy.compiled import EvidenceOfStatement
from ennead.sources.sqlalchemy.relations import label

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

    from sqlalchemy.engine.interfaces import DBAPICursor, ExecutionContext
    from sqlalchemy.orm import Mapper

_LIBRARY = Path(sqlalchemy.__file__).parent
_LIBRARY_AND_OURS = (str(_LIBRARY), str(Path(__file__).parent))
_FILES_WITH_GET = frozenset({str(_LIBRARY / "orm" / "session.py"), str(_LIBRARY / "orm" / "query.py")})
_AGGREGATES = frozenset(
    {
        *("count", "sum", "total", "avg", "min", "max", "stddev", "variance", "percentile_cont", "percentile_disc"),
        *("every", "bool_and", "bool_or", "bit_and", "bit_or", "group_concat", "string_agg", "aggregate_strings"),
        *("array_agg", "json_agg", "jsonb_agg", "json_object_agg", "json_group_array"),
    }
)


class ModelSelects(EvidenceOfStatement):
    """Evidence for the SELECTs whose primary model is a given one.

    Parameters
    ----------
    mapper
        ``None``: SQLAlchemy names no primary model.
    """

    def __init__(self, mapper: Mapper[Any] | None) -> None:
        super().__init__()
        self._primary = (label(mapper),) if mapper is not None else ()

    def evidence_for(self, context: ExecutionContext, cursor: DBAPICursor) -> OrmEvidence:
        """See :class:`~ennead.sources.sqlalchemy.compiled.EvidenceOfStatement`."""
        columns: Sequence[dict[str, Any]] = getattr(context.invoked_statement, "column_descriptions", ())
        models = _models(columns) or self._primary
        method = _aggregate_method([column["expr"] for column in columns])
        if method is not None:
            return OrmEvidence(library="sqlalchemy", kind="aggregate", models=models, method=method)
        target = models[0] if len(models) == 1 else None
        if _is_get():
            return OrmEvidence(library="sqlalchemy", kind="lookup", target=target, models=models, method="get")
        return OrmEvidence(library="sqlalchemy", target=target, models=models)


def _models(columns: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    entities = [inspect(column["entity"], raiseerr=False) for column in columns if column.get("entity") is not None]
    return tuple(dict.fromkeys(label(entity.mapper) for entity in entities if entity is not None))


def _aggregate_method(expressions: Sequence[object]) -> str | None:
    """``count``, ``exists`` or ``aggregate`` if the result is nothing but aggregates; ``None`` otherwise."""
    methods = {_method_of(expression) for expression in expressions}
    if not methods or None in methods:
        return None
    return methods.pop() if len(methods) == 1 else "aggregate"


def _method_of(expression: object) -> str | None:
    if isinstance(expression, Exists) or isinstance(getattr(expression, "element", None), Exists):
        return "exists"
    if not isinstance(expression, ClauseElement):
        return None
    parts = visitors.iterate(expression)
    used = {str(getattr(part, "name", "")).lower() for part in parts if isinstance(part, FunctionElement)} & _AGGREGATES
    if not used:
        return None
    return "count" if used == {"count"} else "aggregate"


def _is_get() -> bool:
    """Whether ``Session.get`` runs the statement: looked for in SQLAlchemy's own frames, on a structure's first use."""
    frame: FrameType | None = _getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_LIBRARY_AND_OURS):
        if frame.f_code.co_name == "get" and frame.f_code.co_filename in _FILES_WITH_GET:
            return True
        frame = frame.f_back
    return False

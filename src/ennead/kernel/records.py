"""What a source saw, before any domain looks at it: raw queries and the unit of work that holds them.

Parameter values never get this far: the agent turns them into keyed hashes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

    from ennead.kernel.call_site import CallSite

OrmKind = Literal["relation", "deferred", "lookup", "aggregate"]


@dataclass(frozen=True, slots=True)
class OrmEvidence:
    """What the ORM said about one query. Everything is optional: missing evidence is neutral."""

    library: str
    """``django``, ``sqlalchemy``, ``peewee`` or ``tortoise``."""
    lazy_load: bool = False
    """The query loaded a relation or a deferred column of an object that was already there."""
    kind: OrmKind | None = None
    relation: str | None = None
    """Django ``app_label.Model.field``, the others ``Model.attribute``."""
    owner: str | None = None
    """Label of the model that owns the relation: the rows looped over are of this model."""
    target: str | None = None
    """Label of the model that was loaded."""
    cardinality: Literal["one", "many"] | None = None
    """Whether the relation leads to one row or to many."""
    models: tuple[str, ...] = ()
    """Labels of all models the query selects."""
    method: str | None = None
    """The user-visible operation: ``all``, ``get``, ``count``, ``exists``, ``aggregate``, ``first``, ``filter`` ..."""
    eager: bool = False
    """The query belongs to an eager load (``prefetch_related``, ``selectinload``): one per batch by design."""
    built_at: CallSite | None = None
    """Where the user's code began to build the query, if that is another line than the one that ran it."""


class Supply(NamedTuple):
    """Where a parameter's value came from: it is among the rows of an earlier query of the unit of work."""

    query: int
    """Index of the earlier query."""
    column: int
    """0-based column of its rows."""
    parameter: int
    """0-based position of the parameter."""


class RawQuery(NamedTuple):
    """One executed statement (a named tuple: thousands are made per unit of work)."""

    statement: str
    """Normalised SQL, never a literal."""
    fingerprint: str
    operation: str
    """``select``, ``insert``, ``update``, ``delete``, ``begin`` ... as in :mod:`ennead.agent.fingerprint`."""
    tables: tuple[str, ...]
    parameter_hashes: tuple[str, ...]
    """Keyed hashes of literals and bound values in the order of the statement's ``?``, lists unfolded."""
    parameters_hash: str | None
    """Of all of them together; ``None`` without parameters."""
    list_sizes: tuple[int, ...]
    """Elements of each IN list, in order."""
    offset_ns: int
    """Start, counted from the start of the unit of work."""
    duration_ns: int
    row_count: int | None
    call_path: tuple[CallSite, ...]
    """The user's frames from the access outwards."""
    orm: OrmEvidence | None
    connection: str
    """Alias or name of the connection: two shards have two."""
    database: str
    """``sqlite``, ``postgresql``, ``mysql`` ... or ``""`` where unknown."""
    transaction: int | None
    batch_size: int
    """Rows of an ``executemany`` or of a multi-row VALUES; 1 otherwise."""
    error: str | None
    """Class name of the exception the statement raised."""
    supplied_by: tuple[Supply, ...] = ()
    """Provenance: the earlier queries out of whose rows the parameters' values may have come, nearest first."""
    thread: int = 0
    unit: int = 0
    """0 for the unit itself, else the ordinal of the nested unit of work the query belongs to."""


@dataclass(frozen=True, slots=True)
class RawUnitOfWork:
    """One request, job, test, command or script run, as it was recorded."""

    name: str
    kind: str
    """``request``, ``job``, ``test``, ``command``, ``script`` or ``profile``."""
    route: str | None
    trace_id: str | None
    started_at: datetime
    duration_ns: int
    entry: CallSite | None = None
    """The line that opened the unit inside the user's code: loops around it are not part of the work."""
    project_root: str = "."
    """Folder that the call sites' relative file names start from, on this machine."""
    queries: tuple[RawQuery, ...] = field(default=())
    dropped_count: int = 0
    """Queries beyond the buffer's limit: counted, not recorded."""
    internal_error_count: int = 0
    """Errors of our own, swallowed so that the host never saw them."""
    handler: CallSite | None = None
    """The user's class whose instance answered the request, where the framework says so."""
    inside: tuple[str, ...] = ()
    """The units of work it is nested in, the nearest first, as ``test:tests/test_shop.py::test_list``."""

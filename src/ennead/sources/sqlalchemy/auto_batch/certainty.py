"""When it is certain that the ORM would do the same: everything else is left to it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from ennead.sources.sqlalchemy.handover import BATCHED_FOR, OPTION

if TYPE_CHECKING:
    from sqlalchemy import Dialect
    from sqlalchemy.orm import InstanceState, ORMExecuteState, RelationshipProperty

SIBLINGS = "ennead_siblings"
"""Execution option: the rows of the result that a statement makes."""
_KNOWN_OPTIONS = frozenset({"autoflush", OPTION, SIBLINGS, BATCHED_FOR})
"""Besides those that SQLAlchemy keeps to itself: an option of the user's may change what is loaded."""
_OWN = "ennead.sources.sqlalchemy."


def why_not(state: ORMExecuteState, parent: InstanceState[Any]) -> str | None:
    """Why a lazy load is left to the ORM, in a few words; ``None`` if it need not be."""
    session = state.session
    if not _is_plain(session):
        return "the session's class executes in its own way"
    if any(not hook.__module__.startswith(_OWN) for hook in session.dispatch.do_orm_execute):
        return "the session has do_orm_execute hooks"
    if not all(name in _KNOWN_OPTIONS or name.startswith("_") for name in state.execution_options):
        return "execution options"
    if session.new or session.deleted or session.dirty:
        return "changes that are not flushed"
    if not is_as_loaded(parent, session):
        return "the object is not as it was loaded"
    if _blocks_event_loop(dialect_of(state)):
        return "outside of the greenlet"
    return None


def is_as_loaded(state: InstanceState[Any], session: Session) -> bool:
    """Whether an object is persistent, of this session and unchanged."""
    return (
        state.persistent
        and state.session is session
        and not state.modified
        and not state.expired
        and state.identity_token is None
    )


def loads_alike(
    sibling: InstanceState[Any], parent: InstanceState[Any], relationship: RelationshipProperty[Any]
) -> bool:
    """Whether a sibling has not loaded the relation yet and would load it by the same statement as ``parent``."""
    return (
        relationship.key not in sibling.dict
        and relationship.key not in sibling.expired_attributes
        and sibling.mapper.relationships.get(relationship.key) is relationship
        and sibling.load_options is parent.load_options
        and sibling.load_path == parent.load_path
    )


def dialect_of(state: ORMExecuteState) -> Dialect:
    """The dialect that a statement will be sent in."""
    return state.session.get_bind(**state.bind_arguments).dialect


def _is_plain(session: Session) -> bool:
    """Whether statements go through nobody's own method (SQLModel's only warns)."""
    return type(session).execute.__module__.partition(".")[0] in ("sqlalchemy", "sqlmodel")


def _blocks_event_loop(dialect: Dialect) -> bool:
    """Whether the ORM is going to raise: its asynchronous drivers can be awaited in its own greenlets only."""
    if not dialect.is_async:
        return False
    greenlet = import_module("greenlet")  # there wherever such a driver is
    return bool(greenlet.getcurrent().parent is None)

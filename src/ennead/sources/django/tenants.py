"""django-tenants: a schema for each tenant, on one connection.

What is said once for each tenant is no repetition: the tables are others. So each schema that a connection is led to
counts as a connection of its own, named ``default:north``. The ``SET search_path`` before a query is nobody's query.

Known limits: a table of the public schema is the same one for all tenants, and counts as theirs. Before 3.14 the
package has no method for ``SET search_path``: with psycopg2 the statement is recorded there.
"""

from __future__ import annotations

from functools import wraps
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from ennead.agent.patching import PatchSet
from ennead.agent.unit_of_work import CURRENT
from ennead.sources.django.connections import leave_connection
from ennead.sources.django.queries import supported_version

if TYPE_CHECKING:
    from collections.abc import Callable

    from ennead.agent.patching import Patch

_SETTING = "_handle_search_path"
_patches = PatchSet()


def install() -> str:
    """Hook the database wrapper of django-tenants; see :class:`ennead.sources.registry.SourceModule`."""
    supported_version()
    if not _patches:
        from django_tenants.postgresql_backend.base import DatabaseWrapper

        _patches.add(DatabaseWrapper, "set_tenant", _leaving_set_tenant)
        if hasattr(DatabaseWrapper, _SETTING):
            _patches.add(DatabaseWrapper, _SETTING, _unrecorded)
    return version("django-tenants")


def uninstall() -> None:
    """Undo :func:`install`."""
    _patches.undo()


def _leaving_set_tenant(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    @wraps(original)
    def set_tenant(self: Any, *args: Any, **kwargs: Any) -> Any:
        if patch.active:
            leave_connection(self)
        return original(self, *args, **kwargs)

    return set_tenant


def _unrecorded(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    @wraps(original)
    def handle_search_path(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not patch.active or CURRENT.get() is None:
            return original(self, *args, **kwargs)
        token = CURRENT.set(None)
        try:
            return original(self, *args, **kwargs)
        finally:
            CURRENT.reset(token)

    return handle_search_path

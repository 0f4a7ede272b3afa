"""PyMySQL: queries of every cursor, whatever its class."""

from __future__ import annotations

from importlib import metadata

from ennead.sources.drivers.mysql import CursorHooks

_hooks = CursorHooks()


def install() -> str:
    """Hook ``Cursor.execute`` and ``executemany``; see :class:`ennead.sources.registry.SourceModule`."""
    from pymysql import cursors  # type: ignore[import-untyped]

    _hooks.install(cursors, cursors.Cursor)
    return metadata.version("pymysql")


def uninstall() -> None:
    """Undo :func:`install`."""
    _hooks.uninstall()

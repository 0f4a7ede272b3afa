"""mysqlclient (MySQLdb): queries of every cursor, whatever its class. Which transaction is open it does not tell."""

from __future__ import annotations

from importlib import metadata

from ennead.sources.drivers.mysql import CursorHooks
from ennead.sources.registry import UnsupportedVersionError

_hooks = CursorHooks()


def install() -> str:
    """Hook ``BaseCursor.execute`` and ``executemany``; see :class:`ennead.sources.registry.SourceModule`.

    Raises
    ------
    UnsupportedVersionError
        PyMySQL goes by that name.
    """
    from MySQLdb import cursors  # type: ignore[import-not-found, import-untyped, unused-ignore]

    if not hasattr(cursors, "BaseCursor"):
        message = "MySQLdb is another driver here, as pymysql.install_as_MySQLdb() makes it; that one is hooked itself"
        raise UnsupportedVersionError(message)
    _hooks.install(cursors, cursors.BaseCursor)
    return metadata.version("mysqlclient")


def uninstall() -> None:
    """Undo :func:`install`."""
    _hooks.uninstall()

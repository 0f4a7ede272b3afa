"""All rows of a database on a server."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from ennead.kernel.errors import EnneadError
from ennead.replay.databases import mariadb_server, postgresql_server
from ennead.replay.databases.growing.dialects import dialect_of
from ennead.replay.databases.servers import literal, server_of

# ruff: noqa: S608 -- names and literals are quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.replay.databases.contents import ContentLimits, Contents
    from ennead.replay.databases.decisions import Decision

_BATCH = 1_000
_POSTGRESQL_COLUMNS = """
SELECT n.nspname, c.relname, a.attname, ''
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY n.nspname, c.relname, a.attnum
"""
_MARIADB_COLUMNS = """
SELECT c.table_schema, c.table_name, c.column_name, c.data_type
FROM information_schema.columns c JOIN information_schema.tables t
ON t.table_schema = c.table_schema AND t.table_name = c.table_name AND t.table_type = 'BASE TABLE'
WHERE c.table_schema = {} ORDER BY c.table_name, c.ordinal_position
"""
_BINARY = ("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "bit", "geometry")


def read_server(contents: Contents, decision: Decision, limits: ContentLimits) -> None:
    """Add the tables of a database, each as ``database.table``."""
    server = server_of(decision.engine, decision.server)
    try:
        if not server.exists(decision.copy):
            return  # the work has dropped what it made
        with closing(server.connect(decision.copy)) as connection:
            _read(contents, connection, decision, limits)
    except EnneadError as error:
        contents.problems.append(f"the rows of {decision.name} are not compared: {error}")
    except Exception as error:  # noqa: BLE001 -- of whatever driver
        contents.problems.append(f"the rows of {decision.name} are not compared: {' '.join(str(error).split())}")


def _read(contents: Contents, connection: Any, decision: Decision, limits: ContentLimits) -> None:
    is_postgresql = decision.engine == "postgresql"
    sql = _POSTGRESQL_COLUMNS if is_postgresql else _MARIADB_COLUMNS.format(literal(decision.copy))
    tables: dict[tuple[str, str], list[tuple[str, str]]] = {}
    with closing(connection.cursor()) as cursor:
        cursor.execute(sql)
        for schema, table, column, kind in cursor.fetchall():
            tables.setdefault((schema, table), []).append((column, kind))
    described = dialect_of(connection).schema().tables
    quoted = postgresql_server.quoted if is_postgresql else mariadb_server.quoted
    for (schema, table), columns in tables.items():
        label = table if not is_postgresql or schema == "public" else f"{schema}.{table}"
        texts = [_text(quoted(column), kind, is_postgresql=is_postgresql) for column, kind in columns]
        select = f"SELECT {', '.join(texts)} FROM {quoted(schema)}.{quoted(table)}"
        names = [column for column, _ in columns]
        contents.add(f"{decision.name}.{label}", names, _rows(connection, select, limits), limits, described.get(label))


def _text(column: str, kind: str, *, is_postgresql: bool) -> str:
    if is_postgresql:
        return f"{column}::text"
    return f"HEX({column})" if kind in _BINARY else f"CAST({column} AS CHAR CHARACTER SET utf8mb4)"


def _rows(connection: Any, select: str, limits: ContentLimits) -> Iterator[tuple[str | None, ...]]:
    # One more than is kept tells that there are more.
    with closing(connection.cursor()) as cursor:
        cursor.execute(f"{select} LIMIT {limits.digests + 1}")
        while rows := cursor.fetchmany(_BATCH):
            yield from (tuple(row) for row in rows)

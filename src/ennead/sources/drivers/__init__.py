"""Database drivers that are used directly, hooked as classes: psycopg, asyncpg, aiosqlite, PyMySQL, mysqlclient.

Nothing is wrapped: connections and cursors stay the drivers' own. A driver whose classes are written in C cannot be
hooked in this way (sqlite3, psycopg2): ``ennead.wrap_connection`` is for them. Where an ORM stands on the driver, its
own source records the query, and the driver's is silent (:mod:`ennead.sources.drivers.callers`).
"""

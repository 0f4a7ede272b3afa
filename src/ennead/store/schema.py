"""The tables of the memory, as they are now; ``migrations/`` has the way there.

Times are UTC, in ISO form with microseconds: sorted as texts they are in order, on SQLite and PostgreSQL alike.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    false,
)

METADATA = MetaData()
REVISION = "0001"
"""The newest migration: a database that has it needs no look at the others."""
VERSION_TABLE = "ennead_schema_version"
"""Ours alone: a shared database may have migrations of its own."""
_TIME = String(32)
_NAME = String(255)

PATTERNS = Table(
    "nplusone_ml_patterns",
    METADATA,
    Column("project", _NAME, nullable=False),
    Column("pattern_hash", String(64), nullable=False),
    Column("query_template", Text, nullable=False),
    Column("detection_count", Integer, nullable=False),
    Column("first_detected", _TIME, nullable=False),
    Column("last_detected", _TIME, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("severity", String(16), nullable=False),
    Column("fixed", Boolean, nullable=False, server_default=false()),
    Column("code", String(64), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("signature", _NAME, nullable=False),
    Column("about", Text, nullable=False),
    Column("place", Text),
    Column("weak_id", String(64)),
    Column("places", Text, nullable=False),
    Column("run_count", Integer, nullable=False),
    Column("fixed_at", _TIME),
    Column("regressed_at", _TIME),
    Column("regression_count", Integer, nullable=False),
    Column("suppressed", Boolean, nullable=False, server_default=false()),
    PrimaryKeyConstraint("project", "pattern_hash"),
)
"""One row for each pattern; the columns from ``pattern_hash`` to ``fixed`` are its public form."""

RUNS = Table(
    "ennead_runs",
    METADATA,
    Column("project", _NAME, nullable=False),
    Column("run_id", String(64), nullable=False),
    Column("started_at", _TIME, nullable=False),
    Column("command", Text, nullable=False),
    Column("exit_code", Integer),
    Column("is_whole", Boolean, nullable=False),
    Column("unit_count", Integer, nullable=False),
    Column("query_count", Integer, nullable=False),
    Column("database_ms", Float, nullable=False),
    Column("wasted_ms", Float, nullable=False),
    PrimaryKeyConstraint("project", "run_id"),
    Index("ennead_runs_by_time", "project", "started_at"),
)

ROUTES = Table(
    "ennead_route_loads",
    METADATA,
    Column("project", _NAME, nullable=False),
    Column("run_id", String(64), nullable=False),
    Column("place", Text, nullable=False),
    Column("unit_count", Integer, nullable=False),
    Column("query_count", Integer, nullable=False),
    Column("database_ms", Float, nullable=False),
    Column("wasted_ms", Float, nullable=False),
    PrimaryKeyConstraint("project", "run_id", "place"),
    ForeignKeyConstraint(["project", "run_id"], ["ennead_runs.project", "ennead_runs.run_id"], ondelete="CASCADE"),
)
"""What each route, job or test did in a run: a fix is measured by it, and so is what is usual."""

FINDINGS = Table(
    "ennead_findings",
    METADATA,
    Column("project", _NAME, nullable=False),
    Column("run_id", String(64), nullable=False),
    Column("finding_id", String(64), nullable=False),
    Column("pattern_hash", String(64), nullable=False),
    Column("query_count", Integer, nullable=False),
    Column("unit_count", Integer, nullable=False),
    Column("total_query_count", Integer, nullable=False),
    Column("wasted_ms", Float, nullable=False),
    Column("severity", String(16), nullable=False),
    Column("confidence", Float, nullable=False),
    Column("route", Text),
    Column("level", String(8), nullable=False),
    Column("features", Text, nullable=False),
    Column("suppressed", Boolean, nullable=False),
    PrimaryKeyConstraint("project", "run_id", "finding_id"),
    ForeignKeyConstraint(["project", "run_id"], ["ennead_runs.project", "ennead_runs.run_id"], ondelete="CASCADE"),
    Index("ennead_findings_by_pattern", "project", "pattern_hash"),
)

VERDICTS = Table(
    "ennead_verdicts",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("project", _NAME, nullable=False),
    Column("pattern_hash", String(64), nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("reason", Text),
    Column("given_at", _TIME, nullable=False),
    Column("undone_at", _TIME),
    Column("code", String(64), nullable=False),
    Column("signature", _NAME, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("level", String(8), nullable=False),
    Column("features", Text, nullable=False),
    Index("ennead_verdicts_by_pattern", "project", "pattern_hash"),
)
"""Each with a copy of what was known then: the label stays when the run it came from is forgotten."""

STEPS = Table(
    "ennead_threshold_steps",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("project", _NAME, nullable=False),
    Column("at", _TIME, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("before", Float, nullable=False),
    Column("after", Float, nullable=False),
    Column("judged_count", Integer, nullable=False),
    Column("precision", Float),
    Column("lower_bound", Float),
    Column("undone", Boolean, nullable=False, server_default=false()),
    Index("ennead_threshold_steps_by_project", "project", "id"),
)
"""The log of the threshold; nothing is ever taken out of it but by age."""

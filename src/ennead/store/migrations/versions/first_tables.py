"""Patterns, runs with their routes and findings, verdicts, and the log of the threshold."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "ennead_runs",
        sa.Column("project", sa.String(length=255), nullable=False),
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("started_at", sa.String(length=32), nullable=False),
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("exit_code", sa.Integer(), nullable=True),
        sa.Column("is_whole", sa.Boolean(), nullable=False),
        sa.Column("unit_count", sa.Integer(), nullable=False),
        sa.Column("query_count", sa.Integer(), nullable=False),
        sa.Column("database_ms", sa.Float(), nullable=False),
        sa.Column("wasted_ms", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("project", "run_id"),
    )
    op.create_index("ennead_runs_by_time", "ennead_runs", ["project", "started_at"], unique=False)
    op.create_table(
        "ennead_threshold_steps",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("project", sa.String(length=255), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("before", sa.Float(), nullable=False),
        sa.Column("after", sa.Float(), nullable=False),
        sa.Column("judged_count", sa.Integer(), nullable=False),
        sa.Column("precision", sa.Float(), nullable=True),
        sa.Column("lower_bound", sa.Float(), nullable=True),
        sa.Column("undone", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ennead_threshold_steps_by_project", "ennead_threshold_steps", ["project", "id"], unique=False)
    op.create_table(
        "ennead_verdicts",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("project", sa.String(length=255), nullable=False),
        sa.Column("pattern_hash", sa.String(length=64), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("given_at", sa.String(length=32), nullable=False),
        sa.Column("undone_at", sa.String(length=32), nullable=True),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.String(length=255), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("features", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ennead_verdicts_by_pattern", "ennead_verdicts", ["project", "pattern_hash"], unique=False)
    op.create_table(
        "nplusone_ml_patterns",
        sa.Column("project", sa.String(length=255), nullable=False),
        sa.Column("pattern_hash", sa.String(length=64), nullable=False),
        sa.Column("query_template", sa.Text(), nullable=False),
        sa.Column("detection_count", sa.Integer(), nullable=False),
        sa.Column("first_detected", sa.String(length=32), nullable=False),
        sa.Column("last_detected", sa.String(length=32), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("fixed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.String(length=255), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("weak_id", sa.String(length=64), nullable=True),
        sa.Column("places", sa.Text(), nullable=False),
        sa.Column("run_count", sa.Integer(), nullable=False),
        sa.Column("fixed_at", sa.String(length=32), nullable=True),
        sa.Column("regressed_at", sa.String(length=32), nullable=True),
        sa.Column("regression_count", sa.Integer(), nullable=False),
        sa.Column("suppressed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("project", "pattern_hash"),
    )
    op.create_table(
        "ennead_findings",
        sa.Column("project", sa.String(length=255), nullable=False),
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("finding_id", sa.String(length=64), nullable=False),
        sa.Column("pattern_hash", sa.String(length=64), nullable=False),
        sa.Column("query_count", sa.Integer(), nullable=False),
        sa.Column("unit_count", sa.Integer(), nullable=False),
        sa.Column("total_query_count", sa.Integer(), nullable=False),
        sa.Column("wasted_ms", sa.Float(), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("route", sa.Text(), nullable=True),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("features", sa.Text(), nullable=False),
        sa.Column("suppressed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project", "run_id"], ["ennead_runs.project", "ennead_runs.run_id"], ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project", "run_id", "finding_id"),
    )
    op.create_index("ennead_findings_by_pattern", "ennead_findings", ["project", "pattern_hash"], unique=False)
    op.create_table(
        "ennead_route_loads",
        sa.Column("project", sa.String(length=255), nullable=False),
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("unit_count", sa.Integer(), nullable=False),
        sa.Column("query_count", sa.Integer(), nullable=False),
        sa.Column("database_ms", sa.Float(), nullable=False),
        sa.Column("wasted_ms", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project", "run_id"], ["ennead_runs.project", "ennead_runs.run_id"], ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project", "run_id", "place"),
    )


def downgrade() -> None:
    """Remove them."""
    op.drop_table("ennead_route_loads")
    op.drop_index("ennead_findings_by_pattern", table_name="ennead_findings")
    op.drop_table("ennead_findings")
    op.drop_table("nplusone_ml_patterns")
    op.drop_index("ennead_verdicts_by_pattern", table_name="ennead_verdicts")
    op.drop_table("ennead_verdicts")
    op.drop_index("ennead_threshold_steps_by_project", table_name="ennead_threshold_steps")
    op.drop_table("ennead_threshold_steps")
    op.drop_index("ennead_runs_by_time", table_name="ennead_runs")
    op.drop_table("ennead_runs")

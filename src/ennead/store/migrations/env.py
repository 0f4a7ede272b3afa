"""What Alembic runs to reach a revision. The connection is handed in: there is no alembic.ini."""

from alembic import context

from ennead.store.schema import METADATA, VERSION_TABLE


def migrate() -> None:
    """Go to the revision that was asked for, within the transaction of the connection."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=METADATA,
        version_table=VERSION_TABLE,
        render_as_batch=True,
    )
    context.run_migrations()


if __name__ == "env_py":  # the name that Alembic gives it; whoever only imports the package migrates nothing
    migrate()

"""Candidates for SQLAlchemy: eager loads where the rows are queried, sets instead of look-ups, writes in bulk."""

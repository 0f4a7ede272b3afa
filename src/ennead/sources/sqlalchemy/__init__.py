"""SQLAlchemy 2.0 and 2.1: queries of engines, and what the ORM knows about them. Public events only."""

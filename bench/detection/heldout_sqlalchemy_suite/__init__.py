# mypy: ignore-errors
"""Held-out scenarios in SQLAlchemy: a sports league. Nobody tunes rules on these."""

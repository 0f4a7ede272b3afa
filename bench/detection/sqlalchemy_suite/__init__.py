"""Labelled SQLAlchemy scenarios: the office of a small freight company."""

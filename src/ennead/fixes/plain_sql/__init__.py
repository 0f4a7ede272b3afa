"""Candidates for SQL that is written out: ``text()``, driver statements and cursors of any DB-API connection."""

"""Peewee 3.17 and later, and 4: every query of every database, and what the ORM knows about it."""

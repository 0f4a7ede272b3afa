"""Candidates for Django's ORM, written where the rows are queried."""

"""Tortoise ORM: what it knows about its queries. The queries themselves are recorded by the source of its driver."""

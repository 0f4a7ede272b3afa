"""A small shop on django-oscar."""

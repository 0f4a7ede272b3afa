# mypy: ignore-errors
"""Held-out scenarios in Django: an animal clinic. Nobody tunes rules on these."""

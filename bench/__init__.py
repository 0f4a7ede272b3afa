"""Measurements beside peers and floors. Each package prints one table (`python -m bench.<name>`)."""

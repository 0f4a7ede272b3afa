"""Labelled scenarios, and how many of them each tool finds (`python -m bench.detection`)."""

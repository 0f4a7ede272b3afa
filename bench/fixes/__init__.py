"""Fixes on the labelled scenarios: which candidates work, and which fixes the product verifies."""

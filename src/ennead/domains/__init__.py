"""The domains: one folder each, one floor plan for all."""

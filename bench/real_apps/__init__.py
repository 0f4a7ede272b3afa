"""Ennead and its rivals on real applications, against growth that is counted apart and read in the source."""

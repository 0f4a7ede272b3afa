"""Corpora of labelled groups, training and evaluation. Heavy libraries come with ``ennead[train]``."""

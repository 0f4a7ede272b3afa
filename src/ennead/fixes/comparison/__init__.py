"""What two replays of the same work have in common, and what sets them apart.

Each file compares one thing: values, texts, outcomes of units of work, tables, executions of lines, statements.
All of them write what they saw into :class:`~ennead.fixes.comparison.notes.Notes`; :mod:`ennead.fixes.verdict` decides.
"""

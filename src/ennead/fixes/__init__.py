"""Writing a fix for a finding, and judging what two replays of the same work showed.

Nothing here runs the user's code: :mod:`ennead.replay` does, and hands over a :class:`~ennead.fixes.trace.ReplayTrace`.
"""

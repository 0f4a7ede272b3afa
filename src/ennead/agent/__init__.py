"""What lives inside the user's process: units of work, the recorder, call paths, sampling. Standard library only.

Nothing in here ever raises into the host, changes its results or blocks it.
"""

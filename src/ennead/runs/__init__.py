"""The run folder: records written as units of work end, read back, and merged into one report."""

"""What a project remembers of its findings beyond one run."""

"""What the pytest plugin costs on a real application's own test suite."""

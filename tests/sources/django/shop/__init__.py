"""The application under observation."""

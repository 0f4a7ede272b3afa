"""A newsroom on wagtail."""

"""A small site around wagtail."""

"""Fixes of real applications, whose source is copied into a project as if it were the user's own."""

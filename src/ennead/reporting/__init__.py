"""Showing findings to people and programs: plain data in, text, JSON or one HTML file out."""

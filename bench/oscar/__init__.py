"""Ennead on django-oscar: its findings page by page against what really grows with the rows."""

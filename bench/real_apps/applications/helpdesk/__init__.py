"""A help desk on django-helpdesk."""

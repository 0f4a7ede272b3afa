"""mailman: the core of GNU Mailman and its REST API."""

"""One folder an application: its pins, and `application.py`, called in its environment."""

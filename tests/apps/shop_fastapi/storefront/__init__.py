"""A small web shop on FastAPI and asynchronous SQLAlchemy."""

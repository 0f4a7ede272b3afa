"""What automatic batching spares and what it costs; see ``__main__``."""

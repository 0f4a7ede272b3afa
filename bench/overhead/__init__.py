"""What recording costs: paired, interleaved measurements; see ``__main__``."""

"""What a tool says through a logger while a scenario runs: some have no other mouth."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager


class _Keeper(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


@contextmanager
def messages_of(name: str) -> Iterator[list[str]]:
    """Yield the list that every message of the logger `name` is appended to, from DEBUG on."""
    logger, keeper = logging.getLogger(name), _Keeper()
    level = logger.level
    logger.addHandler(keeper)
    logger.setLevel(logging.DEBUG)
    try:
        yield keeper.messages
    finally:
        logger.setLevel(level)
        logger.removeHandler(keeper)

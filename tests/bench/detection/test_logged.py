"""What a tool says through its logger is kept, and the logger left as it was."""

import logging

from bench.detection.logged import messages_of


def test_messages_of_one_logger_from_debug_on() -> None:
    logger = logging.getLogger("some.tool")
    before = (logger.level, list(logger.handlers))
    with messages_of("some.tool") as messages:
        logger.debug("seen %d times", 3)
        logging.getLogger("some.other").warning("not this one")
    logger.warning("too late")
    assert messages == ["seen 3 times"]
    assert (logger.level, logger.handlers) == before

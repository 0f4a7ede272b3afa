"""nplus1, the maintained rewrite of nplusone, as its README says.

Its middleware stands in Django's settings, and `setup()` with `teardown()`, which it offers for jobs and commands,
around the work. `NPLUSONE_RAISE` stays off, as shipped: an exception would end the scenario at the first row. What
it has to say is read where it says it, from its logger.

On SQLAlchemy it replaces private functions of 2.0 that 2.1 has no more, so its environment has 2.0.
"""

import importlib
import re
from collections.abc import Callable
from typing import Any

from bench.detection.logged import messages_of
from bench.detection.observation import N_PLUS_ONE, Observation, relative

LAZY_LOAD = "Potential n+1 query detected"
CALLER = re.compile(r"Registered at: (?P<file>.+):(?P<line>\d+) in ")

_extension: list[str] = []


def prepare(suite: str) -> None:
    if suite.endswith("django"):
        settings: Any = importlib.import_module(f"bench.detection.{suite}_suite.settings")
        settings.MIDDLEWARE.append("nplusone.ext.django.NPlusOneMiddleware")
        _extension.append("nplusone.ext.django")
    else:
        _extension.append("nplusone.ext.sqlalchemy")
        # Mappers that are configured before it patches them stay unseen.
        importlib.import_module(_extension[0])


def observe(run: Callable[[], object]) -> Observation:
    importlib.import_module(_extension[0])  # it reads Django's settings, so not before the suite is set up
    from nplusone.core import profiler

    with messages_of("nplusone") as messages:
        profiler.setup()
        try:
            run()
        finally:
            profiler.teardown()
    told = [each for each in messages if each.startswith(LAZY_LOAD)]
    callers = [match for each in told if (match := CALLER.search(each))]
    return Observation(
        codes=tuple(N_PLUS_ONE if each in told else "unused-eager-load" for each in messages),
        access=tuple(dict.fromkeys((relative(caller["file"]), int(caller["line"])) for caller in callers)),
    )

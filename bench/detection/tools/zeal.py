"""django-zeal, as its README says for tests: its application, its middleware, and `zeal_context` around the work.

`ZEAL_RAISE = False` (documented) turns its errors into warnings, so that a scenario runs to its end; everything
else is as shipped.
"""

import importlib
import re
import warnings
from collections.abc import Callable
from typing import Any

from bench.detection.observation import N_PLUS_ONE, Observation, relative

ALERT = re.compile(r"N\+1 detected on .+ at (?P<file>.+):(?P<line>\d+) in ")


def prepare(suite: str) -> None:
    assert suite.endswith("django"), "zeal knows Django only"
    settings: Any = importlib.import_module(f"bench.detection.{suite}_suite.settings")
    settings.INSTALLED_APPS.append("zeal")
    settings.MIDDLEWARE.append("zeal.middleware.zeal_middleware")
    vars(settings)["ZEAL_RAISE"] = False


def observe(run: Callable[[], object]) -> Observation:
    from zeal import zeal_context

    with warnings.catch_warnings(record=True) as caught, zeal_context():
        warnings.simplefilter("always")
        run()
    alerts = [match for warning in caught if (match := ALERT.match(str(warning.message)))]
    access = tuple(dict.fromkeys((relative(alert["file"]), int(alert["line"])) for alert in alerts))
    return Observation(codes=(N_PLUS_ONE,) * len(access), access=access)

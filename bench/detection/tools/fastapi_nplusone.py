"""fastapi-nplusone: its middleware, at its own threshold, around an endpoint whose body is the scenario.

Its answer is read where it gives it, from its logger. It names a request and a statement, and no line of code.
"""

from collections.abc import Callable

from bench.detection.logged import messages_of
from bench.detection.observation import N_PLUS_ONE, Observation


def prepare(suite: str) -> None:
    assert suite.endswith("sqlalchemy"), "fastapi-nplusone knows SQLAlchemy only"


def observe(run: Callable[[], object]) -> Observation:
    from fastapi import FastAPI
    from fastapi.testclient import TestClient
    from fastapi_nplusone import NPlusOneMiddleware

    application = FastAPI()
    application.add_middleware(NPlusOneMiddleware)

    @application.get("/scenario")
    def scenario() -> None:
        run()

    with messages_of("fastapi_nplusone") as messages:
        TestClient(application).get("/scenario").raise_for_status()
    return Observation(codes=(N_PLUS_ONE,) * len(messages))

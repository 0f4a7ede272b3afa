"""Pipelines that really ran, with their artifacts and models; stacks, tags and secrets."""

from typing import Annotated, Any

from zenml import Model, log_metadata, pipeline, save_artifact, step
from zenml.client import Client
from zenml.enums import StackComponentType

MODEL = "model"
UNWANTED = 2
"""Models and runs to be deleted: each action is run twice."""


@step(enable_cache=False)
def make() -> Annotated[int, "number"]:
    log_metadata({"first": 1, "second": 2})
    return 1


@step(enable_cache=False)
def double(number: int) -> Annotated[int, "twice"]:
    return 2 * number


def _nightly() -> None:
    """Make one number and double it."""
    double(make())


nightly = pipeline(name="nightly", enable_cache=False, model=Model(name=MODEL, tags=["kept"]), tags=["nightly"])(
    _nightly
)


def fill(rows: int) -> None:
    """Make ``rows`` of each, and runs with ``rows`` steps."""
    client = Client()
    for number in range(rows):
        client.create_tag(f"tag {number}")
        client.create_secret(f"secret{number}", values={"key": "value"})
        client.create_user(f"person{number}")
        account = client.create_service_account(f"robot{number}")
        client.create_api_key(account.id, "first")
        save_artifact(number, f"artifact {number}")
        pipeline(name=f"pipeline {number}")(_nightly).register()
    _fill_stacks(client, rows)
    for number in range(rows):
        nightly.with_options(run_name=f"night {number}")()
    for name in ("wide", *(f"unwanted {number}" for number in range(UNWANTED))):
        _run_wide(name, rows)
    _fill_models(client, rows)


def _run_wide(name: str, rows: int) -> None:
    @pipeline(enable_cache=False)
    def wide() -> None:
        for _ in range(rows):
            make()

    wide.with_options(run_name=name)()


def _fill_stacks(client: Client, rows: int) -> None:
    for number in range(rows):
        for kind, flavor in ((StackComponentType.ORCHESTRATOR, "local"), (StackComponentType.ARTIFACT_STORE, "local")):
            settings: dict[str, Any] = {}
            client.create_stack_component(f"{kind} {number}", flavor, kind, settings)
        components = {
            kind: f"{kind} {number}" for kind in (StackComponentType.ORCHESTRATOR, StackComponentType.ARTIFACT_STORE)
        }
        client.create_stack(f"stack {number}", components)


def _fill_models(client: Client, rows: int) -> None:
    tags = [f"tag {number}" for number in range(rows)]
    for number in range(rows):
        client.create_model(f"model {number}", tags=tags)
        client.create_model_version(f"model {number}", name="first", tags=tags)
    for number in range(UNWANTED):
        client.create_model(f"unwanted {number}")
        for version in range(rows):
            client.create_model_version(f"unwanted {number}", name=f"version {version}", tags=tags)

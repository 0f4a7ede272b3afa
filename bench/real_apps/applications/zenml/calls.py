"""What the command line and scripts ask of `Client`; `hydrate` is what loads an answer's details."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import count

from zenml.client import Client

from bench.real_apps.applications.zenml.data import MODEL

Call = tuple[str, Callable[[], object]]

LISTS = (
    *("pipelines", "pipeline_runs", "run_steps", "snapshots", "artifacts", "artifact_versions", "models", "tags"),
    *("stacks", "stack_components", "users", "service_accounts", "secrets", "projects", "flavors", "schedules"),
)
SIZE = 100


def calls() -> Iterator[Call]:
    """Each call of the bench."""
    client = Client()
    for name in LISTS:
        yield f"list {name}", partial(getattr(client, f"list_{name}"), size=SIZE)
    for name in LISTS[:11]:
        yield f"list {name} in full", partial(getattr(client, f"list_{name}"), size=SIZE, hydrate=True)
    versions = partial(client.list_model_versions, MODEL, size=SIZE)
    yield "list versions of a model", versions
    yield "list versions of a model in full", partial(versions, hydrate=True)
    yield from _details(client)
    yield from _deletions(client)


def _details(client: Client) -> Iterator[Call]:
    yield "get a run", partial(client.get_pipeline_run, "wide")
    yield "steps of a run", lambda: client.get_pipeline_run("wide").steps
    yield "artifacts of a run", lambda: [step.outputs for step in client.get_pipeline_run("wide").steps.values()]
    yield "runs of a pipeline", lambda: client.get_pipeline("nightly").runs
    yield "last run", lambda: client.get_pipeline("nightly").last_successful_run
    yield "get a model", partial(client.get_model, MODEL)
    yield "versions of a model", lambda: client.get_model(MODEL).versions
    yield "get a model version", partial(client.get_model_version, MODEL, 1)
    yield "artifacts of a model version", lambda: client.get_model_version(MODEL, 1).data_artifacts
    yield "versions of an artifact", lambda: client.get_artifact("number").versions
    yield "get a stack", partial(client.get_stack, "stack 0")
    yield "runs by tag", partial(client.list_pipeline_runs, tags=["nightly"], size=SIZE, hydrate=True)


def _deletions(client: Client) -> Iterator[Call]:
    models = count()
    yield "delete a model", lambda: client.delete_model(f"unwanted {next(models)}")
    runs = count()
    yield "delete a run", lambda: client.delete_pipeline_run(f"unwanted {next(runs)}")
    yield "prune artifacts", partial(client.prune_artifacts, only_versions=False, delete_from_artifact_store=False)

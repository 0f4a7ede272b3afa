"""Experiments, runs, traces and models, made through mlflow's own client."""

from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag

MAIN = "main"
MODEL = "model 0"
UNWANTED = 2
"""Experiments and models to be deleted: each action is run twice."""


def fill(rows: int) -> None:
    """Make ``rows`` of each, and ``rows`` children in each one that is opened."""
    client = MlflowClient()
    for number in range(rows):
        client.create_experiment(f"experiment {number}", tags={f"tag {number}": "x"})
    for name in (MAIN, *(f"unwanted {number}" for number in range(UNWANTED))):
        _fill_experiment(client, name, rows)
    for number in range(rows):
        _fill_model(client, f"model {number}", rows)
    for number in range(UNWANTED):
        _fill_model(client, f"unwanted {number}", rows)
        _fill_model(client, f"misnamed {number}", rows)


def _fill_experiment(client: MlflowClient, name: str, rows: int) -> None:
    experiment = client.create_experiment(name)
    for number in range(rows):
        run = client.create_run(experiment, run_name=f"run {number}")
        client.log_batch(
            run.info.run_id,
            metrics=[Metric(f"metric {each}", each, each, each) for each in range(rows)],
            params=[Param(f"param {each}", "x") for each in range(rows)],
            tags=[RunTag(f"tag {each}", "x") for each in range(rows)],
        )
        client.log_inputs(run.info.run_id, datasets=[dataset(each) for each in range(rows)])
        client.create_logged_model(
            experiment,
            name=f"logged-{number}",
            source_run_id=run.info.run_id,
            tags={f"tag {each}": "x" for each in range(rows)},
            params={f"param {each}": "x" for each in range(rows)},
        )
        _trace(client, experiment, number, rows)


def dataset(number: int) -> DatasetInput:
    """A dataset that a run was given."""
    source = Dataset(name=f"set {number}", digest=f"d{number}", source_type="local", source="x")
    return DatasetInput(source, tags=[InputTag("mlflow.data.context", "train"), InputTag("kind", "x")])


def _trace(client: MlflowClient, experiment: str, number: int, rows: int) -> None:
    root = client.start_trace(
        f"trace {number}", experiment_id=experiment, tags={f"tag {each}": "x" for each in range(rows)}
    )
    for each in range(rows):
        child = client.start_span(f"span {each}", root.trace_id, root.span_id)
        client.end_span(root.trace_id, child.span_id)
    client.end_trace(root.trace_id)


def _fill_model(client: MlflowClient, name: str, rows: int) -> None:
    client.create_registered_model(name, tags={f"tag {each}": "x" for each in range(rows)})
    for number in range(rows):
        tags = {f"tag {each}": "x" for each in range(2)}
        client.create_model_version(name, source=f"/models/{number}", tags=tags)
        client.set_registered_model_alias(name, f"alias{number}", str(number + 1))

"""What a script does with `MlflowClient`."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import count

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag

from bench.real_apps.applications.mlflow.data import MAIN, MODEL, dataset

Call = tuple[str, Callable[[], object]]


def calls(rows: int) -> Iterator[Call]:
    """Each call of the bench."""
    client = MlflowClient()
    experiment = client.get_experiment_by_name(MAIN).experiment_id
    run = client.search_runs([experiment], "attributes.run_name = 'run 0'")[0].info.run_id
    yield from _searches(client, experiment, run)
    yield from _writes(client, run, rows)
    yield from _models(client)
    yield from _traces(client, experiment)


def _searches(client: MlflowClient, experiment: str, run: str) -> Iterator[Call]:
    yield "search experiments", client.search_experiments
    yield "search runs", partial(client.search_runs, [experiment])
    yield "search runs by metric", partial(client.search_runs, [experiment], "metrics.`metric 0` < 100")
    yield "get a run", partial(client.get_run, run)
    yield "metric history", partial(client.get_metric_history, run, "metric 0")
    yield "search logged models", partial(client.search_logged_models, [experiment])


def _writes(client: MlflowClient, run: str, rows: int) -> Iterator[Call]:
    numbers = count()

    def log_batch() -> None:
        new = next(numbers)
        client.log_batch(
            run,
            metrics=[Metric(f"new {new} {each}", each, each, each) for each in range(rows)],
            params=[Param(f"new {new} {each}", "x") for each in range(rows)],
            tags=[RunTag(f"new {each}", "x") for each in range(rows)],
        )

    yield "log a batch", log_batch
    yield "log inputs", lambda: client.log_inputs(run, datasets=[dataset(1000 + each) for each in range(rows)])
    unwanted = count()
    yield "delete an experiment", lambda: client.delete_experiment(_unwanted(client, next(unwanted)))
    hidden = count()
    yield "restore an experiment", lambda: client.restore_experiment(_unwanted(client, next(hidden)))


def _unwanted(client: MlflowClient, number: int) -> str:
    return str(client.get_experiment_by_name(f"unwanted {number}").experiment_id)


def _models(client: MlflowClient) -> Iterator[Call]:
    renamed, deleted, staged = count(), count(), count()
    yield "search models", client.search_registered_models
    yield "search models by tag", partial(client.search_registered_models, "tags.`tag 0` = 'x'")
    yield "get a model", partial(client.get_registered_model, MODEL)
    yield "latest versions", partial(client.get_latest_versions, MODEL)
    yield "search versions", partial(client.search_model_versions, f"name = '{MODEL}'")
    yield "version by alias", partial(client.get_model_version_by_alias, MODEL, "alias0")
    yield "move a version", lambda: _move(client, ("Staging", "Production")[next(staged)])
    yield "rename a model", lambda: _rename(client, next(renamed))
    yield "delete a model", lambda: client.delete_registered_model(f"unwanted {next(deleted)}")


def _move(client: MlflowClient, stage: str) -> None:
    client.transition_model_version_stage(MODEL, "1", stage, archive_existing_versions=True)


def _rename(client: MlflowClient, number: int) -> None:
    client.rename_registered_model(f"misnamed {number}", f"named {number}")


def _traces(client: MlflowClient, experiment: str) -> Iterator[Call]:
    yield "search traces", partial(client.search_traces, experiment_ids=[experiment])
    yield "search traces without spans", partial(_trace_infos, experiment)
    trace = client.search_traces(experiment_ids=[experiment])[0].info.trace_id
    yield "get a trace", partial(client.get_trace, trace)


def _trace_infos(experiment: str) -> object:
    return mlflow.search_traces(locations=[experiment], include_spans=False, return_type="list")

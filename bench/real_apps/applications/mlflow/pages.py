"""What the web page asks of the server."""

from collections.abc import Iterator
from typing import Any

from mlflow import MlflowClient

from bench.real_apps.applications.mlflow.data import MAIN, MODEL

Page = tuple[str, str, str, Any]


def pages() -> Iterator[Page]:
    """Name, method, path and body of each."""
    client = MlflowClient()
    experiment = client.get_experiment_by_name(MAIN).experiment_id
    runs = [run.info.run_id for run in client.search_runs([experiment])]
    api = "/ajax-api/2.0/mlflow"
    yield "REST: experiments", "POST", f"{api}/experiments/search", {"max_results": 100}
    yield "REST: an experiment", "GET", f"{api}/experiments/get?experiment_id={experiment}", None
    yield "REST: runs", "POST", f"{api}/runs/search", {"experiment_ids": [experiment]}
    yield "REST: a run", "GET", f"{api}/runs/get?run_id={runs[0]}", None
    asked = "&".join(f"run_ids={run}" for run in runs)
    of_runs = asked.replace("run_ids", "run_id")
    yield "REST: metric of runs", "GET", f"{api}/metrics/get-history-bulk?{of_runs}&metric_key=metric 0", None
    interval = f"{api}/metrics/get-history-bulk-interval?{asked}&metric_key=metric 0&max_results=10"
    yield "REST: metric of runs in steps", "GET", interval, None
    yield "REST: datasets", "POST", f"{api}/experiments/search-datasets", {"experiment_ids": [experiment]}
    yield "REST: models", "GET", f"{api}/registered-models/search?max_results=100", None
    yield "REST: a model", "GET", f"{api}/registered-models/get?name={MODEL}", None
    yield "REST: versions", "GET", f"{api}/model-versions/search?max_results=100", None
    yield "REST: logged models", "POST", f"{api}/logged-models/search", {"experiment_ids": [experiment]}
    location = {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": experiment}}
    yield "REST: traces", "POST", "/ajax-api/3.0/mlflow/traces/search", {"locations": [location], "max_results": 50}
    yield "GraphQL: a run", "POST", "/graphql", {"query": RUN % runs[0], "operationName": "Run", "variables": {}}


RUN = """
query Run {
  mlflowGetRun(input: {runId: "%s"}) {
    run { info { runName } experiment { name } modelVersions { name version }
          data { metrics { key value } params { key value } tags { key value } } }
  }
}
"""

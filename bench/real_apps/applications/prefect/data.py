"""Flows, deployments, pools, runs and blocks, made through the API itself."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

Post = Callable[[str, Any], Any]

POOL = "pool 0"
FLOW = "flow 0"
UNWANTED = 2
"""Flows, deployments and runs to be deleted in bulk: each action is run twice."""


def fill(rows: int, post: Post) -> None:
    """Make ``rows`` of each, and ``rows`` children in the first of each."""
    for number in range(rows):
        post("/work_pools/", {"name": f"pool {number}", "type": "process", "concurrency_limit": 5})
        post("/variables/", {"name": f"variable_{number}", "value": number})
        post("/v2/concurrency_limits/", {"name": f"limit {number}", "limit": 100})
        post("/concurrency_limits/", {"tag": f"tag {number}", "concurrency_limit": 100})
        post("/logs/", [log(number)])
    for number in range(rows):
        post(f"/work_pools/{POOL}/queues", {"name": f"queue {number}", "concurrency_limit": 5})
        post(f"/work_pools/{POOL}/workers/heartbeat", {"name": f"worker {number}"})
    _fill_blocks(rows, post)
    flows = [post("/flows/", {"name": f"flow {number}"})["id"] for number in range(rows)]
    _fill_flow(flows[0], rows, post)
    for number, flow in enumerate(flows[1:]):
        deployment = post("/deployments/", _deployment(flow, number))["id"]
        post(f"/deployments/{deployment}/create_flow_run", {})
    for batch in range(UNWANTED):
        _fill_unwanted(batch, rows, post)


def _deployment(flow: str, number: int, schedules: int = 1) -> dict[str, Any]:
    return {
        "name": f"deployment {number}",
        "flow_id": flow,
        "work_pool_name": POOL,
        "work_queue_name": "default",
        "tags": ["nightly"],
        "schedules": [
            {"schedule": {"interval": 3600 + each, "anchor_date": "2026-01-01T00:00:00Z"}, "active": True}
            for each in range(schedules)
        ],
    }


def _fill_flow(flow: str, rows: int, post: Post) -> None:
    """Give one flow ``rows`` deployments and runs, its first deployment ``rows`` schedules, its first run children."""
    for number in range(rows):
        post("/deployments/", _deployment(flow, number, rows if number == 0 else 1))
    runs = [post("/flow_runs/", _run(flow, number)) for number in range(rows)]
    for number in range(rows):
        task = {"flow_run_id": runs[0]["id"], "task_key": f"task {number}", "dynamic_key": str(number), "name": "task"}
        task_run = post("/task_runs/", {**task, "state": {"type": "COMPLETED", "name": "Completed"}})
        post("/flow_runs/", {**_run(flow, rows + number), "parent_task_run_id": task_run["id"]})
        post("/artifacts/", {"key": f"report-{number}", "type": "markdown", "flow_run_id": runs[0]["id"], "data": "x"})
        post(f"/flow_runs/{runs[0]['id']}/input", {"key": f"input-{number}", "value": "1"})
        post(f"/flow_runs/{runs[0]['id']}/set_state", {"state": {"type": "RUNNING", "name": "Running"}, "force": True})


def _run(flow: str, number: int) -> dict[str, Any]:
    at = datetime.now(UTC) - timedelta(minutes=number)
    scheduled = {"type": "SCHEDULED", "name": "Scheduled", "state_details": {"scheduled_time": at.isoformat()}}
    return {"flow_id": flow, "name": f"run {number}", "tags": ["kept"], "state": scheduled}


def _fill_unwanted(batch: int, rows: int, post: Post) -> None:
    for number in range(rows):
        flow = post("/flows/", {"name": f"unwanted {batch} {number}", "tags": ["unwanted"]})["id"]
        post("/deployments/", {**_deployment(flow, number), "tags": [f"unwanted {batch}"]})
        post("/flow_runs/", {**_run(flow, number), "tags": [f"unwanted {batch}"]})


def _fill_blocks(rows: int, post: Post) -> None:
    kinds = []
    for number in range(rows):
        kind = post("/block_types/", {"name": f"Block {number}", "slug": f"block-{number}"})["id"]
        fields = {"title": f"Block {number}", "type": "object", "properties": {"x": {"type": "integer"}}}
        schema = post("/block_schemas/", {"fields": fields, "block_type_id": kind, "capabilities": ["run"]})["id"]
        kinds.append((kind, schema))
        document = {"data": {"x": 1}, "block_type_id": kind, "block_schema_id": schema}
        post("/block_documents/", {**document, "name": f"document-{number}"})
    kind, schema = kinds[0]
    for number in range(rows):
        document = {"data": {"x": number}, "block_type_id": kind, "block_schema_id": schema}
        post("/block_documents/", {**document, "name": f"more-{number}"})


def log(number: int) -> dict[str, Any]:
    """One line of a log."""
    return {"name": "bench", "level": 20, "message": f"line {number}", "timestamp": datetime.now(UTC).isoformat()}


NUMBERS = itertools.count()
"""For names that have to be new."""

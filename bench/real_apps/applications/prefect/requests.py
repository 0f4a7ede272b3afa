"""The requests: name, method, path and body; a body that has to be another one each time is a function."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from bench.real_apps.applications.prefect.data import FLOW, NUMBERS, POOL, UNWANTED, log

Request = tuple[str, str, Any, Any]


def requests(post: Callable[[str, Any], Any]) -> Iterator[Request]:
    """Each request of the bench; identifiers are asked from the API."""
    yield from _lists()
    flow = post("/flows/filter", {"flows": {"name": {"any_": [FLOW]}}})[0]["id"]
    run = post("/flow_runs/filter", {"flow_runs": {"name": {"any_": ["run 0"]}}})[0]["id"]
    deployment = post("/deployments/filter", {"flows": {"name": {"any_": [FLOW]}}, "sort": "NAME_ASC"})[0]["id"]
    rows = len(post("/flow_runs/filter", {"flow_runs": {"parent_task_run_id": {"is_null_": False}}}))
    yield from _details(flow, run, deployment)
    yield from _changes(flow, deployment, rows)


def _lists() -> Iterator[Request]:
    for path in (
        *("/flows", "/flow_runs", "/deployments", "/task_runs", "/artifacts", "/artifacts/latest", "/variables"),
        *("/block_types", "/block_schemas", "/block_documents", "/logs", "/work_pools", "/work_queues"),
        *("/concurrency_limits", "/v2/concurrency_limits", f"/work_pools/{POOL}/queues", f"/work_pools/{POOL}/workers"),
    ):
        yield f"list {path[1:]}", "POST", f"{path}/filter", {}
    for path in ("/flows", "/flow_runs", "/deployments", "/task_runs"):
        yield f"page of {path[1:]}", "POST", f"{path}/paginate", {"page": 1, "limit": 20}
    yield "block documents of a type", "GET", "/block_types/slug/block-0/block_documents", None


def _details(flow: str, run: str, deployment: str) -> Iterator[Request]:
    now = datetime.now(UTC)
    history = {
        "history_start": (now - timedelta(hours=2)).isoformat(),
        "history_end": now.isoformat(),
        "history_interval_seconds": 600,
    }
    yield "flow", "GET", f"/flows/{flow}", None
    yield "flow run", "GET", f"/flow_runs/{run}", None
    yield "graph of a flow run", "GET", f"/flow_runs/{run}/graph-v2", None
    yield "states of a flow run", "GET", f"/flow_run_states/?flow_run_id={run}", None
    yield "input of a flow run", "POST", f"/flow_runs/{run}/input/filter", {"prefix": "input"}
    yield "history of flow runs", "POST", "/flow_runs/history", history
    yield "lateness", "POST", "/flow_runs/lateness", {}
    yield "deployment", "GET", f"/deployments/{deployment}", None
    yield "schedules of a deployment", "GET", f"/deployments/{deployment}/schedules", None
    yield "runs due in a deployment", "POST", "/deployments/get_scheduled_flow_runs", {"deployment_ids": [deployment]}
    yield "runs due in a pool", "POST", f"/work_pools/{POOL}/get_scheduled_flow_runs", {}
    yield "concurrency of a pool", "POST", f"/work_pools/{POOL}/concurrency_status", {}


def _changes(flow: str, deployment: str, rows: int) -> Iterator[Request]:
    limits = {"names": [f"limit {number}" for number in range(rows)], "slots": 1}
    tags = [f"tag {number}" for number in range(rows)]
    queues = {"work_queue_names": [f"queue {number}" for number in range(rows)]}
    schedules = [{"schedule": {"interval": 3600 + number}, "active": True} for number in range(rows)]
    yield "schedule a deployment", "POST", f"/deployments/{deployment}/schedule", {"min_runs": rows}
    yield "add schedules", "POST", f"/deployments/{deployment}/schedules", schedules
    yield "redeploy", "PATCH", f"/deployments/{deployment}", {"schedules": schedules}
    yield "create a deployment", "POST", "/deployments/", lambda: _deployment(flow, schedules)
    yield "runs due in queues", "POST", f"/work_pools/{POOL}/get_scheduled_flow_runs", queues
    yield "create flow runs", "POST", f"/deployments/{deployment}/create_flow_run/bulk", [{} for _ in range(rows)]
    yield (
        *("create flow runs in queues", "POST", f"/deployments/{deployment}/create_flow_run/bulk"),
        [{"work_queue_name": f"queue {number}"} for number in range(rows)],
    )
    pending = {"flow_runs": {"tags": {"all_": ["kept"]}}, "state": {"type": "PENDING", "name": "Pending"}}
    yield "set states", "POST", "/flow_runs/bulk_set_state", pending
    yield "take slots of limits", "POST", "/v2/concurrency_limits/increment", limits
    yield "free slots of limits", "POST", "/v2/concurrency_limits/decrement", limits
    slots = {"names": tags, "task_run_id": "6a1f58c2-94d5-4b44-9f0c-1a6a4e6a7d10"}
    yield "take slots of tags", "POST", "/concurrency_limits/increment", slots
    yield "free slots of tags", "POST", "/concurrency_limits/decrement", slots
    yield "write a log", "POST", "/logs/", [log(number) for number in range(rows)]
    yield from _deletions()


def _deployment(flow: str, schedules: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "name": f"new {next(NUMBERS)}",
        "flow_id": flow,
        "schedules": schedules,
        "work_pool_name": POOL,
        "work_queue_name": "default",
    }


def _deletions() -> Iterator[Request]:
    for kind in ("flow_runs", "deployments", "flows"):
        batches = (number % UNWANTED for number in count())
        yield (
            f"delete {kind}",
            "POST",
            f"/{kind}/bulk_delete",
            lambda kind=kind, left=batches: _unwanted(kind, next(left)),
        )


def _unwanted(kind: str, batch: int) -> dict[str, Any]:
    if kind == "flows":
        return {"flows": {"name": {"like_": f"unwanted {batch}"}}}
    return {kind: {"tags": {"all_": [f"unwanted {batch}"]}}}

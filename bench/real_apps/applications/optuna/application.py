"""Studies with their trials in one SQLite file, worked on through `optuna.study` and the command line.

Each action opens the storage by its URL, as a script of a user does.
"""

import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from unittest import mock

import optuna
import sqlalchemy
from optuna.distributions import FloatDistribution, IntDistribution
from optuna.storages import RDBStorage, RetryHeartbeatStaleTrialCallback
from optuna.trial import FrozenTrial, Trial, TrialState

ORM = "sqlalchemy"
PACKAGES = ("optuna",)

RUNS = 2
"""Each action is run twice, so what an action uses up is there twice."""

_url: list[str] = []
_rows: list[int] = []


def boot(rows: int, folder: Path) -> None:
    """Make ``rows`` studies, and in those that are opened ``rows`` trials with ``rows`` attributes and steps."""
    _url[:], _rows[:] = [f"sqlite:///{folder}/studies.sqlite3"], [rows]
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    for number in range(rows):
        study = optuna.create_study(storage=_url[0], study_name=f"study {number}")
        study.set_user_attr("owner", f"owner {number}")
        study.add_trials([_finished(number, 1)])
    for name in ("main", *(f"unwanted {run}" for run in range(2 * RUNS))):
        _fill(name, rows)
    both = optuna.create_study(storage=_url[0], study_name="two goals", directions=["minimize", "maximize"])
    both.add_trials([_finished(number, 1, values=[float(number), float(number)]) for number in range(rows)])
    _fill_stale(rows)


def _fill(name: str, rows: int) -> None:
    study = optuna.create_study(storage=_url[0], study_name=name)
    study.add_trials([_finished(number, rows) for number in range(rows)])
    for number in range(rows):
        study.set_user_attr(f"note {number}", number)


def _finished(number: int, children: int, values: list[float] | None = None) -> FrozenTrial:
    return optuna.create_trial(
        params={"x": float(number), "y": number},
        distributions={"x": FloatDistribution(0, 100), "y": IntDistribution(0, 100)},
        user_attrs={f"note {child}": child for child in range(children)},
        intermediate_values={step: float(step) for step in range(children)},
        value=None if values else float(number),
        values=values,
    )


def _fill_stale(rows: int) -> None:
    storage = _watched()
    study = optuna.create_study(storage=storage, study_name="stale")
    for _ in range(rows):
        storage.record_heartbeat(study.ask()._trial_id)  # noqa: SLF001 - the storage goes by it


def _watched() -> RDBStorage:
    callback = RetryHeartbeatStaleTrialCallback(max_retry=100)
    return RDBStorage(_url[0], heartbeat_interval=60, grace_period=120, heartbeat_stale_trial_callback=callback)


def actions() -> Iterator[tuple[str, Callable[[], object]]]:
    url, rows = _url[0], _rows[0]
    numbers = iter(range(1_000_000))
    unwanted = iter(range(2 * RUNS))
    yield "study summaries", lambda: optuna.get_all_study_summaries(storage=url)
    yield "study names", lambda: optuna.get_all_study_names(storage=url)
    yield "trials", lambda: _study("main").trials
    yield "trials without a cache", _trials_without_cache
    yield "best trial", lambda: _study("main").best_trial
    yield "best trials of two goals", lambda: _study("two goals").best_trials
    yield "attributes", lambda: _study("main").user_attrs
    yield "copy a study", lambda: _copy(f"copy {next(numbers)}")
    yield "delete a study", lambda: optuna.delete_study(study_name=f"unwanted {next(unwanted)}", storage=url)
    yield "optimize", lambda: _new(numbers).optimize(_objective, n_trials=rows)
    yield "optimize in threads", lambda: _new(numbers).optimize(_objective, n_trials=rows, n_jobs=2)
    yield "queue what is new", lambda: _queue(_study("main"), rows)
    yield "add trials", lambda: _new(numbers).add_trials([_finished(number, 2) for number in range(rows)])
    yield "add a trial", lambda: _new(numbers).add_trial(_finished(1, rows))
    yield "report steps", lambda: _report(_new(numbers), rows)
    yield "retry stale trials", _retry_stale
    for command in ("studies", "study-names"):
        yield f"optuna {command}", partial(_command, command)
    for command in ("trials", "best-trial"):
        yield f"optuna {command}", partial(_command, command, "--study-name", "main")
    yield "optuna best-trials", partial(_command, "best-trials", "--study-name", "two goals")
    yield "optuna delete-study", lambda: _command("delete-study", "--study-name", f"unwanted {next(unwanted)}")


def _study(name: str) -> optuna.Study:
    return optuna.load_study(study_name=name, storage=_url[0])


def _trials_without_cache() -> object:
    storage = RDBStorage(_url[0])
    return storage.get_all_trials(storage.get_study_id_from_name("main"))


def _new(numbers: Iterator[int]) -> optuna.Study:
    sampler = optuna.samplers.TPESampler(seed=1)
    return optuna.create_study(storage=_url[0], study_name=f"new {next(numbers)}", sampler=sampler)


def _copy(name: str) -> None:
    optuna.copy_study(from_study_name="main", from_storage=_url[0], to_storage=_url[0], to_study_name=name)


def _objective(trial: Trial) -> float:
    value: float = trial.suggest_float("x", 0, 1) + trial.suggest_int("y", 0, 9)
    return value


def _queue(study: optuna.Study, rows: int) -> None:
    for number in range(rows):
        study.enqueue_trial({"x": float(number), "y": number}, skip_if_exists=True)


def _report(study: optuna.Study, rows: int) -> None:
    trial = study.ask()
    for step in range(rows):
        trial.report(float(step), step)
    study.tell(trial, 1.0)


def _retry_stale() -> None:
    """Make the trials of one study look abandoned, then do what begins each trial of a watched storage."""
    storage = _watched()
    study = optuna.load_study(study_name="stale", storage=storage)
    abandoned = datetime.now() - timedelta(hours=12)  # noqa: DTZ005 - as optuna has it
    with storage.engine.begin() as connection:
        number = storage.get_study_id_from_name(study.study_name)
        running = {"study": number, "state": TrialState.RUNNING.name, "rows": _rows[0]}
        update = "UPDATE trials SET state = :state WHERE study_id = :study AND number < :rows"
        connection.execute(sqlalchemy.text(update), running)
        connection.execute(sqlalchemy.text("UPDATE trial_heartbeats SET heartbeat = :at"), {"at": str(abandoned)})
    optuna.storages.fail_stale_trials(study)


def _command(*arguments: str) -> None:
    from optuna.cli import main

    with mock.patch.object(sys, "argv", ["optuna", "--storage", _url[0], *arguments]):
        main()

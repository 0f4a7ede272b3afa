"""The front door: run application code, or take a recorded context, and answer everything about it."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

import ennead
from ennead.domains.nplusone import NPlusOneDetectionService, Profile, ServiceResult
from ennead.domains.nplusone.engine import NPlusOneDetectionEngine
from ennead.domains.nplusone.settings import NPlusOneSettings
from ennead.kernel.errors import EnneadError
from ennead.kernel.records import RawUnitOfWork
from tests.domains.nplusone.shops import Shop
from tests.domains.nplusone.small_models import NoModels
from tests.domains.nplusone.traces import STARTED_AT, Trace, joined_orders, lazy_orders

NAMES = [f"customer {number}" for number in range(1, 6)]


@pytest.fixture
def service() -> NPlusOneDetectionService:
    """With the default settings, whatever the environment."""
    return NPlusOneDetectionService(NPlusOneDetectionEngine(NPlusOneSettings(), model=NoModels()))


# ------------------------------------------------------------------------------------------------ profile


def test_profiles_application_code_and_returns_its_result(service: NPlusOneDetectionService, shop: Shop) -> None:
    answer = service.profile(shop.names_one_by_one)
    assert answer.result == NAMES
    assert isinstance(answer, ServiceResult)
    assert isinstance(answer, Profile)
    assert [finding.code for finding in answer.detections] == ["n-plus-one"]
    assert answer.findings == answer.detections
    assert answer.context.name == "Shop.names_one_by_one"
    assert answer.ml_analysis.status == "no-model"
    assert {anomaly.code for anomaly in answer.ml_analysis.anomalies} == {"n-plus-one"}
    assert answer.strategies == answer.findings[0].recommendations
    assert answer.statistics["query_count"] == 6.0


def test_the_negative_twin(service: NPlusOneDetectionService, shop: Shop) -> None:
    answer = service.profile(shop.names_at_once)
    assert (answer.result, answer.findings, answer.ml_analysis.anomalies) == (NAMES, (), ())


def test_arguments_are_passed_on(service: NPlusOneDetectionService) -> None:
    def function(*args: object, **kwargs: object) -> tuple[object, ...]:
        return args, kwargs

    assert service.profile(function, 1, function=2, self=3).result == ((1,), {"function": 2, "self": 3})


def test_an_exception_goes_through(service: NPlusOneDetectionService) -> None:
    with pytest.raises(ZeroDivisionError):
        service.profile(lambda: 1 / 0)


def test_callers_of_the_service_are_no_part_of_the_call_path(service: NPlusOneDetectionService, shop: Shop) -> None:
    answers = [service.profile(shop.name_of, number) for number in (1, 2, 3, 4)]
    paths = {tuple(site.function for site in answer.context.queries[0].call_path) for answer in answers}
    assert paths == {("Shop.name_of",)}
    assert [answer.findings for answer in answers] == [()] * 4


async def test_aprofile_awaits(service: NPlusOneDetectionService, shop: Shop) -> None:
    answer = await service.aprofile(shop.names_one_by_one_later)
    assert (answer.result, [finding.code for finding in answer.findings]) == (NAMES, ["n-plus-one"])


async def test_aprofile_passes_arguments_and_exceptions_on(service: NPlusOneDetectionService) -> None:
    async def function(number: int, *, other: int) -> float:
        await asyncio.sleep(0)
        return number / other

    assert (await service.aprofile(function, 6, other=3)).result == 2.0
    with pytest.raises(ZeroDivisionError):
        await service.aprofile(function, 1, other=0)


async def test_what_is_profiled_at_once_does_not_mix(service: NPlusOneDetectionService) -> None:
    shops = [Shop(count) for count in (3, 4, 5)]
    answers = await asyncio.gather(*(service.aprofile(_with_a_pause(shop.names_one_by_one)) for shop in shops))
    assert [answer.context.query_count for answer in answers] == [4, 5, 6]
    for shop in shops:
        shop.close()


def _with_a_pause(function: Callable[[], list[str]]) -> Callable[[], Awaitable[list[str]]]:
    async def slowly() -> list[str]:
        await asyncio.sleep(0)
        answer = function()
        await asyncio.sleep(0)
        return answer

    return slowly


@pytest.mark.parametrize(
    "function", [list, print, Trace("x").context, lambda: None], ids=["type", "C", "method", "lambda"]
)
def test_any_callable_will_do(service: NPlusOneDetectionService, function: Callable[[], Any]) -> None:
    assert service.profile(function).context.name


def test_a_callable_object_is_named_by_its_class(service: NPlusOneDetectionService) -> None:
    class Job:
        def __call__(self) -> int:
            return 7

    answer = service.profile(Job())
    assert (answer.result, answer.context.name) == (7, "Job")


# ------------------------------------------------------------------------------------------------ session


def test_a_session_is_a_context_manager(service: NPlusOneDetectionService, shop: Shop) -> None:
    with service.session("orders", route="/orders") as session:
        shop.names_one_by_one()
    assert session.findings[0].route == "/orders"
    assert session.result is None


async def test_a_session_is_an_async_context_manager(service: NPlusOneDetectionService, shop: Shop) -> None:
    async with service.session() as session:
        await shop.names_one_by_one_later()
    assert len(session.findings) == 1


def test_a_session_is_a_decorator(service: NPlusOneDetectionService, shop: Shop) -> None:
    names = service.session("names")(shop.names_one_by_one)
    assert names() == NAMES
    assert isinstance(names.ennead, ServiceResult)  # type: ignore[attr-defined]
    assert len(names.ennead.findings) == 1  # type: ignore[attr-defined]


# ------------------------------------------------------------------------------------------------ analyze


def test_analyze_answers_the_same_for_a_recorded_context(service: NPlusOneDetectionService, shop: Shop) -> None:
    answer = service.profile(shop.names_one_by_one)
    again = service.analyze(answer.context)
    assert (again.result, again.context, again.findings) == (None, answer.context, answer.findings)
    assert again.ml_analysis.anomalies == answer.ml_analysis.anomalies


@pytest.mark.parametrize(("trace", "count"), [(lazy_orders(), 1), (joined_orders(), 0), (Trace(), 0)])
def test_analyze_both_sides(service: NPlusOneDetectionService, trace: Trace, count: int) -> None:
    assert len(service.analyze(trace.context()).findings) == count


def test_an_analysed_context_knows_its_name(service: NPlusOneDetectionService) -> None:
    answer = service.analyze(lazy_orders().context(name="GET /"))
    assert (answer.name, answer.context.name) == ("GET /", "GET /")


# ------------------------------------------------------------------------------------------------ parts


def test_counters_add_up_over_all_calls(service: NPlusOneDetectionService) -> None:
    for _ in range(3):
        _ = service.analyze(lazy_orders().context()).ml_analysis
    assert (service.counters.analysis_count, service.counters.success_count) == (3, 3)
    assert service.counters.average_ms > 0.0


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NPLUSONE_ML_TIMEOUT_MS", "2500")
    assert NPlusOneDetectionService().engine.settings.ml_timeout_ms == 2500
    monkeypatch.setenv("NPLUSONE_ML_TIMEOUT_MS", "5s")
    with pytest.raises(EnneadError, match='NPLUSONE_ML_TIMEOUT_MS must be a positive integer, got "5s"'):
        NPlusOneDetectionService()


class FakeRecorder:
    """Records one unit of work that it was given."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def recording(self, name: str, *, route: str | None = None) -> Any:
        self.events.append(f"recording {name}")
        return FakeRecording(self.events)

    def call_inside(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        self.events.append("call")
        return function(*args, **kwargs)

    async def await_inside(self, awaitable: Awaitable[Any]) -> Any:
        return await awaitable


class FakeRecording:
    """Tells what is done with it."""

    def __init__(self, events: list[str]) -> None:
        self._events = events

    def open(self, *, entered_by_user_code: bool) -> None:
        self._events.append("open")

    def close(self) -> None:
        self._events.append("close")

    def read(self) -> RawUnitOfWork:
        self._events.append("read")
        return RawUnitOfWork("recorded", "profile", None, None, STARTED_AT, 0)


def test_another_recorder_can_be_given() -> None:
    recorder = FakeRecorder()
    answer = NPlusOneDetectionService(recorder=recorder).profile(len, "four")
    assert (answer.result, answer.context.name) == (4, "recorded")
    assert recorder.events == ["recording len", "open", "call", "close", "read"]


def test_the_shapes_of_the_interface() -> None:
    parameters = {
        name: str(inspect.signature(getattr(NPlusOneDetectionService, name)))
        for name in ("profile", "aprofile", "analyze")
    }
    assert parameters["profile"].startswith("(self, function: 'Callable[..., Any]', /, *args: 'Any', **kwargs: 'Any')")
    assert parameters["aprofile"].startswith("(self, function: 'Callable[..., Awaitable[Any]]', /, *args")
    assert parameters["analyze"].startswith("(self, context: 'QueryExecutionContext')")
    assert inspect.iscoroutinefunction(NPlusOneDetectionService.aprofile)
    assert ennead.Profile is Profile

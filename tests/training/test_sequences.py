"""Training of sequence models: weights, the counted model, and what is said where PyTorch is missing."""

from __future__ import annotations

import pytest

from ennead.domains.nplusone.query_stream import stream_of
from ennead.kernel.errors import EnneadError
from ennead.learners.sequence import read_all
from ennead.training import sequences
from ennead.training.derive import Truth, Unit
from ennead.training.sequences import LAST_EXECUTION, Training, train_backoff, train_recurrent, weighed
from ennead.training.streams import UnitStream, streams_of
from tests.domains.nplusone.traces import Trace, lazy_orders


def units(count: int, trace: Trace) -> list[UnitStream]:
    unit = Unit("shop", "", "orders")
    told = [
        streams_of(trace.context(), lambda group: Truth(group.count > 1, "growth"), unit, ("full",))
        for _ in range(count)
    ]
    return [stream for each in told for stream in each]


def different_queries() -> Trace:
    trace = Trace()
    for number in range(6):
        trace.run(f"SELECT name FROM t{number} WHERE id = ?", number, rows=1)
    return trace


def test_many_sights_of_a_place_weigh_as_one() -> None:
    told = weighed(units(4, lazy_orders(2)))
    assert [stream.stream.weights for stream in told] == [(0.25, 0.25, 0.25)] * 4


def test_the_end_of_a_long_loop_teaches_nothing() -> None:
    (told,) = weighed(units(1, lazy_orders(LAST_EXECUTION + 3)))
    assert told.stream.weights == (1.0,) * (1 + LAST_EXECUTION) + (0.0,) * 3


def test_the_counted_model_tells_a_loop_from_different_queries() -> None:
    streams = [unit.stream for unit in (*units(3, lazy_orders(5)), *units(3, different_queries()))]
    model = train_backoff(streams, least_next=0.0)
    loop = [told.alarm for told in read_all(model, stream_of(lazy_orders(4).context()).steps)]
    others = [told.alarm for told in read_all(model, stream_of(different_queries().context()).steps)]
    assert loop[0] < 0.2
    assert min(loop[1:]) > 0.8
    assert max(others) < 0.2


def test_what_counts_little_is_forgotten() -> None:
    streams = [unit.stream for unit in units(3, lazy_orders(5))]
    whole = train_backoff(streams, least_alarms=0.0, least_next=0.0)
    assert train_backoff(streams, least_alarms=100.0, least_next=100.0).context_count < whole.context_count


def test_without_pytorch_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(sequences, "import_module", missing)
    with pytest.raises(EnneadError, match=r"pip install 'ennead\[train\]'"):
        train_recurrent([], Training())

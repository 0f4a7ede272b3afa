"""Training of the recurrent sequence models, and of the back-off model, on labelled streams.

PyTorch is only needed to train; what comes out is the JSON of :mod:`ennead.learners.recurrent`.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from importlib import import_module
from itertools import accumulate
from random import Random
from typing import TYPE_CHECKING, Any

from ennead.domains.nplusone.query_stream import POSITION_OF, SIZES
from ennead.kernel.errors import EnneadError
from ennead.learners.backoff import BackoffModel
from ennead.learners.recurrent import FORM, Kind
from ennead.learners.sequence import LabelledStream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ennead.learners.backoff import View
    from ennead.learners.sequence import Step
    from ennead.training.streams import UnitStream

FACTORS = tuple(range(len(SIZES) - 1))
"""Of a step, those that a recurrent model looks at: all but the number of the group."""
LAST_EXECUTION = 12
"""Later executions of a group teach nothing of its beginning."""
_DIGITS = 7


@dataclass(frozen=True, slots=True)
class Training:
    """How a recurrent model is trained."""

    kind: Kind = "gru"
    hidden: int = 16
    """Units of the state."""
    epoch_count: int = 10
    batch_size: int = 64
    learning_rate: float = 0.01
    longest: int = 120
    """Steps of a stream that are trained on."""
    dropout: float = 0.1
    """Share of the factors that are hidden (set to 0) in each step of training."""
    next_weight: float = 0.3
    """What the loss of the next symbol counts against that of the alarm."""
    seed: int = 1


def weighed(streams: Iterable[UnitStream]) -> list[UnitStream]:
    """The streams with weights: all sights of one call site, of one application and level, count as one.

    Executions of a group after the twelfth count nothing.
    """
    everything = list(streams)
    sights: Counter[tuple[str, str, str]] = Counter()
    for stream in everything:
        sights.update((stream.application, stream.level, site) for site in stream.sites)
    return [_weighed(stream, sights) for stream in everything]


def _weighed(stream: UnitStream, sights: Counter[tuple[str, str, str]]) -> UnitStream:
    times: Counter[int] = Counter()
    weights = []
    for group in stream.groups:
        times[group] += 1
        share = 1.0 / sights[stream.application, stream.level, stream.sites[group]]
        weights.append(share if times[group] <= LAST_EXECUTION else 0.0)
    return replace(stream, stream=stream.stream._replace(weights=tuple(weights)))


def _view(text: str) -> View:
    """A view from ``times lead 1.rank``: factors by name, those of earlier steps after their lag."""
    pairs = []
    for word in text.split():
        lag, _, name = word.rpartition(".")
        pairs.append((int(lag or 0), POSITION_OF[name]))
    return tuple(pairs)


ALARM_VIEWS = tuple(
    map(
        _view,
        (
            "",
            "operation orm",
            "operation orm distinct",
            "operation orm distinct parameters shape",
            "operation orm distinct parameters shape source",
            "operation orm distinct parameters shape source progress parents",
            "operation orm distinct parameters shape source progress parents lead place rows",
        ),
    )
)
NEXT_VIEWS = tuple(
    map(
        _view,
        (
            "",
            "rank",
            "rank 1.rank",
            "rank 1.rank distinct lead",
            "rank 1.rank distinct lead 2.rank orm",
            "rank 1.rank distinct lead 2.rank orm progress 3.rank",
        ),
    )
)


def train_backoff(
    streams: Iterable[LabelledStream], *, weight: float = 2.0, least_alarms: float = 0.25, least_next: float = 5.0
) -> BackoffModel:
    """Count the streams.

    Parameters
    ----------
    streams
        With weights.
    weight
        What a coarser context counts against the observations of a finer one.
    least_alarms, least_next
        Contexts that count less are forgotten.
    """
    model = BackoffModel(SIZES, alarm_views=ALARM_VIEWS, next_views=NEXT_VIEWS, weight=weight, max_contexts=200_000)
    for stream in streams:
        model.learn(stream)
    model.prune(least_alarms, least_next)
    return model


def train_recurrent(streams: Sequence[LabelledStream], training: Training) -> dict[str, Any]:
    """The JSON of a GRU or an LSTM.

    Raises
    ------
    EnneadError
        PyTorch is not installed.
    """
    torch = _torch()
    torch.manual_seed(training.seed)
    network = _network(torch, training, sum(SIZES[factor] for factor in FACTORS))
    parameters = [weight for part in network.values() for weight in part.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=training.learning_rate)
    random = Random(training.seed)
    batches = list(_batches(streams, training, random))
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=training.learning_rate, total_steps=training.epoch_count * len(batches)
    )
    for _ in range(training.epoch_count):
        random.shuffle(batches)
        for batch in batches:
            optimizer.zero_grad()
            loss = _loss(torch, network, batch, training)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()
            schedule.step()
    return export(network, training)


def export(network: dict[str, Any], training: Training) -> dict[str, Any]:
    """The form of :mod:`ennead.learners.recurrent`."""
    cell, alarm, following = network["cell"], network["alarm"], network["next"]
    return {
        "form": FORM,
        "kind": training.kind,
        "sizes": list(SIZES),
        "factors": list(FACTORS),
        "hidden": training.hidden,
        "weight_ih": _rounded(cell.weight_ih_l0),
        "weight_hh": _rounded(cell.weight_hh_l0),
        "bias_ih": _rounded(cell.bias_ih_l0),
        "bias_hh": _rounded(cell.bias_hh_l0),
        "alarm_weight": _rounded(alarm.weight)[0],
        "alarm_bias": _rounded(alarm.bias)[0],
        "next_weight": _rounded(following.weight),
        "next_bias": _rounded(following.bias),
    }


def predict_with_torch(data: dict[str, Any], steps: Sequence[Step]) -> list[tuple[float, tuple[float, ...]]]:
    """What PyTorch itself predicts along a stream with exported weights: the oracle of our own interpreter."""
    torch = _torch()
    sizes = [data["sizes"][factor] for factor in data["factors"]]
    network = _network(torch, Training(kind=data["kind"], hidden=data["hidden"]), sum(sizes), data["sizes"][0])
    cell = {f"{name}_l0": torch.tensor(data[name]) for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")}
    network["cell"].load_state_dict(cell)
    head = {"weight": torch.tensor([data["alarm_weight"]]), "bias": torch.tensor([data["alarm_bias"]])}
    network["alarm"].load_state_dict(head)
    network["next"].load_state_dict(
        {"weight": torch.tensor(data["next_weight"]), "bias": torch.tensor(data["next_bias"])}
    )
    parts = {name: part.double() for name, part in network.items()}
    with torch.no_grad():
        inputs = _one_hot(torch, [[tuple(step[factor] for factor in data["factors"]) for step in steps]], sizes)
        states, _ = parts["cell"](inputs.double())
        alarms = torch.sigmoid(parts["alarm"](states))[0, :, 0].tolist()
        symbols = torch.softmax(parts["next"](states), dim=-1)[0].tolist()
    return [(alarm, tuple(row)) for alarm, row in zip(alarms, symbols, strict=True)]


def _torch() -> Any:
    try:
        return import_module("torch")
    except ImportError as error:
        message = "training a recurrent model needs PyTorch: pip install 'ennead[train]'"
        raise EnneadError(message) from error


def _network(torch: Any, training: Training, width: int, symbols: int = SIZES[0]) -> dict[str, Any]:
    cells = {"gru": torch.nn.GRU, "lstm": torch.nn.LSTM}
    return {
        "cell": cells[training.kind](width, training.hidden, batch_first=True),
        "alarm": torch.nn.Linear(training.hidden, 1),
        "next": torch.nn.Linear(training.hidden, symbols),
    }


def _batches(streams: Sequence[LabelledStream], training: Training, random: Random) -> Iterator[list[LabelledStream]]:
    """Streams of about one length together, so that little is padded."""
    cut = [_cut(stream, training.longest) for stream in streams if stream.steps]
    random.shuffle(cut)
    cut.sort(key=lambda stream: math.ceil(math.log2(len(stream.steps))))
    for start in range(0, len(cut), training.batch_size):
        yield cut[start : start + training.batch_size]


def _cut(stream: LabelledStream, longest: int) -> LabelledStream:
    return LabelledStream(stream.steps[:longest], stream.alarms[:longest], stream.weights[:longest])


def _one_hot(torch: Any, rows: Sequence[Sequence[Step]], sizes: Sequence[int]) -> Any:
    """Inputs of a batch, from steps of the factors that are looked at."""
    offsets = [0, *accumulate(sizes)]
    inputs = torch.zeros(len(rows), max(map(len, rows)), offsets[-1])
    for number, steps in enumerate(rows):
        columns = [[offset + value for offset, value in zip(offsets, step, strict=False)] for step in steps]
        inputs[number, : len(steps)].scatter_(1, torch.tensor(columns), 1.0)
    return inputs


def _hidden_at_random(torch: Any, inputs: Any, dropout: float) -> Any:
    """Inputs with some factors set to 0, as where the evidence is missing; the symbol always stays."""
    offset = SIZES[FACTORS[0]]
    for factor in FACTORS[1:]:
        size = SIZES[factor]
        hidden = torch.rand(inputs.shape[:2]) < dropout
        hidden &= inputs.sum(-1) > 0
        part = inputs[:, :, offset : offset + size]
        part[hidden] = 0.0
        part[:, :, 0][hidden] = 1.0
        offset += size
    return inputs


def _loss(torch: Any, network: dict[str, Any], batch: Sequence[LabelledStream], training: Training) -> Any:
    looked_at = [[step[: len(FACTORS)] for step in stream.steps] for stream in batch]
    one_hot = _one_hot(torch, looked_at, [SIZES[factor] for factor in FACTORS])
    inputs = _hidden_at_random(torch, one_hot, training.dropout)
    states, _ = network["cell"](inputs)
    shape = inputs.shape[:2]
    truth, weight = torch.zeros(shape), torch.zeros(shape)
    symbols = torch.full(shape, -1, dtype=torch.long)
    for number, stream in enumerate(batch):
        count = len(stream.steps)
        known = torch.tensor(stream.alarms)
        truth[number, :count] = known.clamp(min=0).float()
        weight[number, :count] = torch.tensor(stream.weights) * (known >= 0)
        symbols[number, : count - 1] = torch.tensor([step[0] for step in stream.steps[1:]], dtype=torch.long)
    logits = network["alarm"](states).squeeze(-1)
    alarms = torch.nn.functional.binary_cross_entropy_with_logits(logits, truth, weight=weight, reduction="sum")
    following = network["next"](states).flatten(0, 1)
    symbol_loss = torch.nn.functional.cross_entropy(following, symbols.flatten(), ignore_index=-1)
    return alarms / weight.sum().clamp(min=1e-6) + training.next_weight * symbol_loss


def _rounded(tensor: Any) -> Any:
    def rounded(value: Any) -> Any:
        return [rounded(item) for item in value] if isinstance(value, list) else round(value, _DIGITS)

    return rounded(tensor.detach().double().tolist())

"""The learnt model over all repeated reads of a context: the model that answers, and one in its shadow."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING

from ennead.domains.nplusone.group_features import features_of
from ennead.domains.nplusone.groups import group_queries
from ennead.domains.nplusone.levels import level_of
from ennead.domains.nplusone.model import Models, decides, judge
from ennead.kernel.anomaly import Anomaly
from ennead.kernel.deadline import DeadlineExceededError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from ennead.domains.nplusone.groups import QueryGroup
    from ennead.domains.nplusone.levels import Level
    from ennead.domains.nplusone.model import GroupModel, Judgement
    from ennead.domains.nplusone.observation import QueryExecutionContext
    from ennead.kernel.deadline import Deadline

DETECTOR = "trees"
_MIN_COUNT = 2
_LIKELY = 0.5


@dataclass(frozen=True, slots=True)
class ShadowJudged:
    """What the model in the shadow said, and what it took."""

    judgements: Mapping[int, Judgement]
    """By the number of the group."""
    seconds: float
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """What the model of a context's level says of its repeated reads."""

    model: str | None
    """Name and version; ``None`` if only a shadow was asked."""
    level: Level
    decides: bool
    judgements: Mapping[int, Judgement] = field(default_factory=dict)
    """By the number of the group."""
    extraction_error_count: int = 0
    """Groups whose features could not be found out; they have no judgement."""
    shadow: ShadowJudged | None = None


class GroupJudge:
    """Asks the model of a context's level, and the one in its shadow, about each group; features are made once.

    Parameters
    ----------
    models
        That answer.
    shadow
        That are only measured.
    features
        Of a group.
    clock
        Seconds, monotonic; replaced in tests.
    """

    def __init__(
        self,
        models: Models,
        shadow: Models | None = None,
        features: Callable[[QueryGroup], Mapping[str, float]] = features_of,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self._models = models
        self._shadow = shadow
        self._features = features
        self._clock = clock

    def is_needed(self, context: QueryExecutionContext) -> bool:
        """Whether there is a model for the context's level."""
        level = level_of(context)
        return self._models.at(level) is not None or self._shadow_at(level) is not None

    def needs_all(self, context: QueryExecutionContext) -> bool:
        """Whether the answer needs all groups judged, not only those that the rules report."""
        level = level_of(context)
        model = self._models.at(level)
        return (model is not None and decides(model)) or self._shadow_at(level) is not None

    def judge(
        self, context: QueryExecutionContext, deadline: Deadline, numbers: Collection[int] | None = None
    ) -> Judged | None:
        """What the models say; ``None`` if there is none for the context's level.

        Parameters
        ----------
        context
            Of its repeated reads.
        deadline
            Asked before each group.
        numbers
            Of the groups that matter; by default of all.

        Raises
        ------
        DeadlineExceededError
            The time is up.
        Exception
            The model failed; one in the shadow never does.
        """
        level = level_of(context)
        model, shadow = self._models.at(level), self._shadow_at(level)
        if model is None and shadow is None:
            return None
        vectors = dict(self._vectors(context, deadline, numbers))
        known = {number: vector for number, vector in vectors.items() if vector is not None}
        return Judged(
            model.name if model else None,
            level,
            model is not None and decides(model),
            dict(_judgements(model, known, deadline)) if model else {},
            len(vectors) - len(known),
            self._in_shadow(shadow, known, deadline) if shadow else None,
        )

    def _shadow_at(self, level: Level) -> GroupModel | None:
        return self._shadow.at(level) if self._shadow else None

    def _vectors(
        self, context: QueryExecutionContext, deadline: Deadline, numbers: Collection[int] | None
    ) -> Iterator[tuple[int, Mapping[str, float] | None]]:
        for group in group_queries(context):
            asked = numbers is None or group.number in numbers
            if not asked or group.count < _MIN_COUNT or not group.first.is_read:
                continue
            deadline.check()
            try:
                yield group.number, self._features(group)
            except Exception:  # noqa: BLE001 -- one odd group must not cost the others their answer; it is counted
                yield group.number, None

    def _in_shadow(
        self, model: GroupModel, vectors: Mapping[int, Mapping[str, float]], deadline: Deadline
    ) -> ShadowJudged:
        started = self._clock()
        try:
            judgements = dict(_judgements(model, vectors, deadline))
        except DeadlineExceededError:
            raise
        except Exception:  # noqa: BLE001 -- whatever a model under test does, the answer stands; it is counted
            return ShadowJudged({}, self._clock() - started, failed=True)
        return ShadowJudged(judgements, self._clock() - started)


class ModelDetector:
    """The learnt model as a detector beside the baselines.

    Goal: the groups that it calls an N+1 with at least 50 %. Shape: as the rules see it. Known false positives and
    negatives: those of the evaluation that travels in the model's file.

    Parameters
    ----------
    models
        By default those that travel with the package.
    """

    name = DETECTOR

    def __init__(self, models: Models | None = None) -> None:
        self._judge = GroupJudge(models or Models())

    def detect(self, observation: QueryExecutionContext, deadline: Deadline, /) -> Sequence[Anomaly]:
        """The likely groups; the score is the model's, in log-odds."""
        judged = self._judge.judge(observation, deadline)
        return tuple(anomalies_of(observation, judged)) if judged else ()


def anomalies_of(context: QueryExecutionContext, judged: Judged) -> Iterator[Anomaly]:
    """The groups that the model calls an N+1 with at least 50 %."""
    groups = group_queries(context)
    for number, judgement in judged.judgements.items():
        if judgement.probability < _LIKELY:
            continue
        group, interval = groups[number], judgement.interval
        evidence: dict[str, object] = {
            "statement_fingerprint": group.first.statement_fingerprint,
            "query_count": group.count,
            "level": judged.level,
            "model": judged.model,
        }
        if interval is not None:
            evidence["interval"] = list(interval)
        yield Anomaly("n-plus-one", judgement.score, judgement.confidence, DETECTOR, evidence)


def _judgements(
    model: GroupModel, vectors: Mapping[int, Mapping[str, float]], deadline: Deadline
) -> Iterator[tuple[int, Judgement]]:
    for number, vector in vectors.items():
        deadline.check()
        yield number, judge(model, vector)

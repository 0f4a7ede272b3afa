"""What a sequence model predicted along streams, and how good that was."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter

from ennead.learners.sequence import Prediction, SequenceModel, most_likely
from ennead.training.streams import UnitStream

FIRST_EXECUTIONS = 4
"""Of each group, those that the AUPRC is about: by then a warning is early."""


@dataclass(frozen=True)
class GroupCourse:
    """One group of one unit of work: how sure a model was at each of its executions."""

    unit: int
    """Number of the unit of work."""
    site: tuple[str, str]
    """Application and call site."""
    truth: int
    positions: tuple[int, ...]
    """Of its executions in the stream."""
    alarms: tuple[float, ...]

    @property
    def count(self) -> int:
        return len(self.alarms)

    def alarm_at(self, threshold: float) -> int | None:
        """The first execution, from 1, at which the model warns."""
        return next((number for number, alarm in enumerate(self.alarms, 1) if alarm >= threshold), None)


@dataclass(frozen=True)
class Run:
    """A model read all streams once."""

    courses: tuple[GroupCourse, ...]
    unit_count: int
    step_count: int
    next_right: int
    next_log_loss: float
    """Sum of -ln of what the model gave to the symbol that came."""
    next_count: int
    seconds: float

    @classmethod
    def together(cls, runs: Iterable["Run"]) -> "Run":
        """Several runs as one; their units of work stay apart."""
        runs = list(runs)
        courses: list[GroupCourse] = []
        units = 0
        for run in runs:
            courses += (
                GroupCourse(each.unit + units, each.site, each.truth, each.positions, each.alarms)
                for each in run.courses
            )
            units += run.unit_count
        return cls(
            tuple(courses),
            units,
            sum(run.step_count for run in runs),
            sum(run.next_right for run in runs),
            sum(run.next_log_loss for run in runs),
            sum(run.next_count for run in runs),
            sum(run.seconds for run in runs),
        )


def run(model: SequenceModel, units: Sequence[UnitStream]) -> Run:
    """Let a model read the streams of some units of work."""
    courses: list[GroupCourse] = []
    steps = right = count = 0
    loss = seconds = 0.0
    for number, unit in enumerate(units):
        started = perf_counter()
        reader = model.begin(unit.unit)
        predictions = [reader.read(step) for step in unit.stream.steps]
        seconds += perf_counter() - started
        steps += len(predictions)
        courses += _courses(number, unit, predictions)
        for prediction, after in zip(predictions, unit.stream.steps[1:], strict=False):
            count += 1
            right += most_likely(prediction.next_symbol) == after[0]
            loss -= math.log(max(prediction.next_symbol[after[0]], 1e-12))
    return Run(tuple(courses), len(units), steps, right, loss, count, seconds)


def _courses(number: int, unit: UnitStream, predictions: Sequence[Prediction]) -> Iterator[GroupCourse]:
    positions: dict[int, list[int]] = {}
    for position, group in enumerate(unit.groups):
        positions.setdefault(group, []).append(position)
    for group, places in positions.items():
        truths = {unit.stream.alarms[place] for place in places}
        truth = max(truths) if 1 in truths or -1 not in truths else -1
        if truth >= 0:
            site = (unit.application, unit.sites[group])
            yield GroupCourse(number, site, truth, tuple(places), tuple(predictions[place].alarm for place in places))


@dataclass(frozen=True)
class Quality:
    """One row of the table."""

    auprc: float
    avoidable: float
    """Mean share of a group's repeats that had not run yet at its alarm; 0 where there was none."""
    recall: float
    """Share of the N+1 that was warned of at all."""
    precision: float
    """Share of the units of work whose first alarm was about an N+1, of those with an alarm."""
    false_per_thousand: float
    """Groups that were warned of and are none, by 1,000 units of work."""
    median_execution: float
    """At which execution of an N+1 the alarm came; the median of those that had one."""
    next_accuracy: float
    next_log_loss: float
    us_per_query: float
    positives: int
    sites: int


def quality(told: Run, threshold: float) -> Quality:
    """Judge a run at a threshold. Sights of one call site share the weight of one, except among false alarms."""
    weights = site_weights(told.courses)
    positives = [course for course in told.courses if course.truth and course.count > 1]
    alarms = {id(course): course.alarm_at(threshold) for course in told.courses}
    whole = sum(weights[course.site] for course in positives) or math.nan
    left = sum(weights[course.site] * _left(course, alarms[id(course)]) for course in positives)
    caught = [course for course in positives if alarms[id(course)]]
    false = sum(1 for course in told.courses if not course.truth and alarms[id(course)])
    return Quality(
        auprc=auprc(told.courses, weights),
        avoidable=left / whole,
        recall=sum(weights[course.site] for course in caught) / whole,
        precision=first_alarm_precision(told.courses, threshold),
        false_per_thousand=1000 * false / told.unit_count if told.unit_count else math.nan,
        median_execution=_median([alarms[id(course)] or 0 for course in caught]),
        next_accuracy=told.next_right / told.next_count if told.next_count else math.nan,
        next_log_loss=told.next_log_loss / told.next_count if told.next_count else math.nan,
        us_per_query=1e6 * told.seconds / told.step_count if told.step_count else math.nan,
        positives=len(positives),
        sites=len({course.site for course in positives}),
    )


def site_weights(courses: Iterable[GroupCourse]) -> Mapping[tuple[str, str], float]:
    """One by the number of sights of a call site."""
    return {site: 1.0 / count for site, count in Counter(course.site for course in courses).items()}


def auprc(courses: Iterable[GroupCourse], weights: Mapping[tuple[str, str], float]) -> float:
    """Average precision over the first executions of each group, weighted.

    >>> one = GroupCourse(0, ("a", "1"), 1, (1, 2), (0.2, 0.9))
    >>> none = GroupCourse(0, ("a", "2"), 0, (3,), (0.5,))
    >>> round(auprc([one, none], {one.site: 1.0, none.site: 1.0}), 3)
    0.833
    """
    points = [
        (alarm, course.truth, weights[course.site]) for course in courses for alarm in course.alarms[:FIRST_EXECUTIONS]
    ]
    points.sort(key=lambda point: -point[0])
    whole = sum(weight for _, truth, weight in points if truth)
    if not whole:
        return math.nan
    area = told = true = before = 0.0
    for number, (alarm, truth, weight) in enumerate(points):
        told += weight
        true += weight * truth
        if number + 1 == len(points) or points[number + 1][0] < alarm:
            area += (true - before) / whole * true / told if told else 0.0
            before = true
    return area


def first_alarm_precision(courses: Iterable[GroupCourse], threshold: float) -> float:
    """Of the units of work with an alarm, those whose first one was right."""
    first: dict[int, tuple[int, int]] = {}
    for course in courses:
        number = course.alarm_at(threshold)
        if number is not None:
            alarm = (course.positions[number - 1], course.truth)
            first[course.unit] = min(first.get(course.unit, alarm), alarm)
    return sum(truth for _, truth in first.values()) / len(first) if first else math.nan


def best_threshold(told: Run, wanted_precision: float) -> float:
    """The threshold with the most avoidable repeats among those that are precise enough; else the most precise one."""
    candidates = [number / 100 for number in range(5, 100, 5)] + [0.97, 0.98, 0.99]
    judged = [(threshold, quality(told, threshold)) for threshold in candidates]
    precise = [(each.avoidable, threshold) for threshold, each in judged if each.precision >= wanted_precision]
    if precise:
        return max(precise)[1]
    return max((each.precision, threshold) for threshold, each in judged if not math.isnan(each.precision))[1]


def _left(course: GroupCourse, alarm: int | None) -> float:
    return 0.0 if alarm is None else (course.count - alarm) / (course.count - 1)


def _median(values: list[int]) -> float:
    values.sort()
    return values[len(values) // 2] if values else math.nan

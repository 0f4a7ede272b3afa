"""How often each group runs at each data size, in separate runs of one action."""

from collections import Counter
from collections.abc import Callable, Iterable

from bench.ml.corpus.recording import Recording
from bench.real_apps.truth import SIZES, grows
from ennead.domains.nplusone.groups import QueryGroup, group_queries
from ennead.kernel.call_site import CallSite

Key = tuple[str, str, tuple[CallSite, ...]]
"""Statement, connection, call path; or only the innermost line of the path."""
Counts = tuple[int, ...]
"""At rising data sizes."""


class Growth:
    """Counts of the groups of one action.

    A group is counted where it ran most often in one unit of work, so that one request more is no growth. Where a
    path was not seen at each size (a recursion is as deep as its rows), its innermost line counts.
    """

    def __init__(self, recordings: Iterable[Recording]) -> None:
        by_size = {recording.rows: group_queries(recording.context) for recording in recordings}
        self._runs = [by_size.get(rows, ()) for rows in SIZES]
        self._paths = [_most(groups, _path) for groups in self._runs]
        self._lines = [_most(groups, _line) for groups in self._runs]
        self._statements = [_statements(groups) for groups in self._runs]

    @property
    def is_complete(self) -> bool:
        """Whether the action ran at each size."""
        return all(self._runs)

    def counts(self, group: QueryGroup) -> Counts:
        """Of the group, at each size."""
        exact = tuple(run[_path(group)] for run in self._paths)
        return exact if all(exact) else tuple(run[_line(group)] for run in self._lines)

    def statement_counts(self, fingerprint: str) -> Counts:
        """Of a statement, wherever it ran."""
        return tuple(run[fingerprint] for run in self._statements)

    def statement_grows(self, fingerprint: str) -> bool:
        """Whether a statement runs more often at each size."""
        return grows(self.statement_counts(fingerprint))

    def group_grows(self, group: QueryGroup) -> bool:
        """Whether the group runs more often at each size."""
        return grows(self.counts(group))

    def a_part_grows(self, fingerprint: str) -> bool:
        """Whether any call path of a statement runs more often at each size."""
        return any(self.group_grows(group) for group in self._runs[-1] if _is(group, fingerprint))


def _is(group: QueryGroup, fingerprint: str) -> bool:
    return group.first.statement_fingerprint == fingerprint


def _path(group: QueryGroup) -> Key:
    return group.first.statement_fingerprint, group.first.connection, group.call_path


def _line(group: QueryGroup) -> Key:
    return group.first.statement_fingerprint, group.first.connection, group.call_path[:1]


def _most(groups: Iterable[QueryGroup], key_of: Callable[[QueryGroup], Key]) -> Counter[Key]:
    by_unit: Counter[tuple[int, Key]] = Counter()
    for group in groups:
        by_unit[group.first.unit, key_of(group)] += group.count
    most: Counter[Key] = Counter()
    for (_, key), count in by_unit.items():
        most[key] = max(most[key], count)
    return most


def _statements(groups: Iterable[QueryGroup]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for group in groups:
        counts[group.first.statement_fingerprint] += group.count
    return counts

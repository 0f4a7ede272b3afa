"""Examples out of the recordings of the real applications, labelled by growth and by what was read in their source."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from bench.ml.corpus.growth import Growth
from bench.ml.corpus.recording import Recording, recordings
from bench.real_apps.environment import Release
from bench.real_apps.labels import Label, Labels, labels_of
from ennead.domains.nplusone.groups import QueryGroup
from ennead.training.derive import Truth, Unit, examples_of
from ennead.training.examples import Example


def examples(release: Release) -> Iterator[Example]:
    """Examples of one release, of all actions that ran at each size."""
    labels = labels_of(release.application)
    for recorded in actions(release):
        truths = Truths(recorded, labels)
        for recording in recorded:
            unit = Unit(release.application, release.name, recording.action, recording.rows)
            yield from examples_of(recording.context, truths.truth, unit)


def examples_at(release: Release, sizes: Sequence[int]) -> Iterator[Example]:
    """Examples of one release at sizes that growth was not measured at."""
    labels = labels_of(release.application)
    truths = {recorded[0].action: Truths(recorded, labels) for recorded in actions(release)}
    for recording in recordings(release, sizes=sizes):
        if recording.action in truths:
            unit = Unit(release.application, release.name, recording.action, recording.rows)
            yield from examples_of(recording.context, truths[recording.action].truth, unit)


def actions(release: Release) -> Iterator[list[Recording]]:
    """The recordings of each action that ran at each size."""
    by_action: defaultdict[str, list[Recording]] = defaultdict(list)
    for recording in recordings(release):
        by_action[recording.action].append(recording)
    return (recorded for recorded in by_action.values() if Growth(recorded).is_complete)


class Truths:
    """What is known of the groups of one action."""

    def __init__(self, recorded: list[Recording], labels: Labels) -> None:
        self._action = recorded[0].action
        self._labels = labels
        self.growth = Growth(recorded)

    def label(self, group: QueryGroup) -> Label | None:
        """What somebody read about the group's statement in this action."""
        return self._labels.get((self._action, group.first.statement_fingerprint))

    def truth(self, group: QueryGroup) -> Truth | None:
        """A label stands over growth; ``None`` where neither decides."""
        label = self.label(group)
        if label is None:
            return self._by_growth(group)
        if label.kind != "n-plus-one":
            return Truth(is_n_plus_one=False, source="read")
        if label.capped or self.growth.group_grows(group):
            return Truth(is_n_plus_one=True, source="read")
        return self._beside_the_label(group)

    def _by_growth(self, group: QueryGroup) -> Truth | None:
        """What grows with the very same parameters may be a duplicate or an N+1: only reading tells."""
        if not self.growth.group_grows(group):
            return Truth(is_n_plus_one=False, source="growth")
        return Truth(is_n_plus_one=True, source="growth") if group.distinct_count > 1 else None

    def _beside_the_label(self, group: QueryGroup) -> Truth | None:
        """A path that does not grow, of a statement that was read to be an N+1 somewhere in the action."""
        fingerprint = group.first.statement_fingerprint
        if self.growth.a_part_grows(fingerprint):
            return None
        if self.growth.statement_grows(fingerprint):
            return Truth(is_n_plus_one=True, source="read")
        return Truth(is_n_plus_one=False, source="growth")  # this release has repaired it

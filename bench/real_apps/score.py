"""Growth, findings and labels of one release put together: what was found, missed, and told without need."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from bench.real_apps.labels import Kind, Labels
from bench.real_apps.truth import Action

Group = tuple[str, str]
"""Action and fingerprint."""


@dataclass(frozen=True)
class Share:
    """A part of a whole, printed with both numbers: a share of 3 is not one of 300."""

    part: int
    whole: int

    def __str__(self) -> str:
        """Show it as the report does.

        >>> str(Share(206, 207)), str(Share(0, 0))
        ('.995 (206/207)', '-')
        """
        if not self.whole:
            return "-"
        share = f"{self.part / self.whole:.3f}"
        return f"{share.removeprefix('0')} ({self.part}/{self.whole})"


@dataclass(frozen=True)
class Score:
    """What is counted of one release.

    A growing group is an N+1 unless somebody who read it labelled it otherwise. One that nobody has read and that
    Ennead tells as a repeated query counts as a duplicate. A finding that does not grow is a false alarm unless
    somebody read that it is one query per row all the same (a slice caps the rows, for example).
    """

    actions: Sequence[Action]
    labels: Labels

    @cached_property
    def ran(self) -> list[Action]:
        return [action for action in self.actions if action.status == "ok"]

    @cached_property
    def growing(self) -> list[Group]:
        return [(action.name, key) for action in self.ran for key in sorted(action.growing)]

    @cached_property
    def positives(self) -> list[Group]:
        return [group for group in self.growing if self._kind(group) == "n-plus-one"]

    @cached_property
    def structural(self) -> list[Group]:
        return [group for group in self.growing if self._kind(group) == "structural"]

    @cached_property
    def duplicates(self) -> list[Group]:
        return [group for group in self.growing if self._kind(group) == "duplicate"]

    @cached_property
    def found(self) -> list[Group]:
        return [group for group in self.positives if group in self._told]

    @cached_property
    def missed(self) -> list[Group]:
        return [group for group in self.positives if group not in self._told]

    @cached_property
    def capped(self) -> list[Group]:
        """Found, not growing, and read to be one query per row."""
        return [group for group in self._still if group in self._capped]

    @cached_property
    def overlooked(self) -> list[Group]:
        """Not found, not growing, and read to be one query per row: no part of the recall, and yet told."""
        return sorted(self._capped - self._told)

    @cached_property
    def false(self) -> list[Group]:
        """Findings that are no N+1, whether they grow or not."""
        still = [group for group in self._still if group not in self._capped]
        return [group for group in (*self.structural, *self.duplicates) if group in self._told] + still

    @cached_property
    def read(self) -> int:
        """Groups of this release that somebody has read, growing or found."""
        return len({group for group in (*self.growing, *self._still) if group in self.labels})

    @property
    def recall(self) -> Share:
        return Share(len(self.found), len(self.positives))

    @property
    def precision(self) -> Share:
        true = len(self.found) + len(self.capped)
        return Share(true, true + len(self.false))

    def action_scores(self, flagged: Mapping[str, bool]) -> tuple[Share, Share]:
        """Recall and precision of a tool that says of each action whether there is an N+1 in it."""
        real = self.actions_with_n_plus_one
        told = {name for name, is_flagged in flagged.items() if is_flagged}
        return Share(len(real & told), len(real & set(flagged))), Share(len(real & told), len(told))

    @cached_property
    def actions_with_n_plus_one(self) -> set[str]:
        return {name for name, _ in (*self.positives, *self._capped)}

    def flagged(self, tool: str) -> dict[str, bool]:
        """Return a tool's answer for each action that ran under it."""
        if tool == "ennead":
            return {action.name: bool(action.found) for action in self.ran}
        return {action.name: action.flagged[tool] for action in self.ran if tool in action.flagged}

    def group(self, group: Group) -> tuple[Action, str]:
        """Return the action that a group belongs to, and its statement."""
        action = next(action for action in self.ran if action.name == group[0])
        return action, action.statements.get(group[1], "")

    @cached_property
    def _capped(self) -> set[Group]:
        """Read to be one query per row though it does not grow; another release may have repaired it."""
        growing = set(self.growing)
        repeated = {
            (action.name, key) for action in self.ran for key, counts in action.counts.items() if counts[-1] > 1
        }
        return {group for group in repeated - growing if group in self.labels and self.labels[group].capped}

    @cached_property
    def _told(self) -> set[Group]:
        return set(self._findings())

    @cached_property
    def _still(self) -> list[Group]:
        growing = set(self.growing)
        return sorted(group for group in self._told if group not in growing)

    def _findings(self) -> Iterator[Group]:
        return ((action.name, key) for action in self.ran for key in action.found)

    def _read(self, group: Group) -> Kind | None:
        label = self.labels.get(group)
        return None if label is None else label.kind

    def _kind(self, group: Group) -> Kind:
        action, _ = self.group(group)
        unread: Kind = "duplicate" if group[1] in action.repeated and group[1] not in action.found else "n-plus-one"
        return self._read(group) or unread

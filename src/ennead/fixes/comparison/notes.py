"""What the comparison saw, collected in the words a user reads."""

from __future__ import annotations

from dataclasses import dataclass, field

MOST_SENTENCES = 12


@dataclass(slots=True)
class Notes:
    """Sentences by what they mean for the verdict; each stands once, in the order of its arrival.

    Examples
    --------
    >>> notes = Notes()
    >>> notes.compare("status"), notes.compare("status"), notes.leave_out("header date", "it tells the time")
    (None, None, None)
    >>> list(notes.compared), list(notes.not_compared)
    (['status'], ['header date: it tells the time'])
    """

    compared: dict[str, None] = field(default_factory=dict)
    not_compared: dict[str, None] = field(default_factory=dict)
    failures: dict[str, None] = field(default_factory=dict)
    """Why one of the runs says nothing: it did not start, it broke off."""
    unstable: dict[str, None] = field(default_factory=dict)
    """Where runs of the original differ so much that nothing can be said about the patch."""
    differences: dict[str, None] = field(default_factory=dict)
    """Where the patched run gave something else."""

    def compare(self, what: str) -> None:
        """Something was compared, whatever came out."""
        self.compared.setdefault(what)

    def leave_out(self, what: str, reason: str) -> None:
        """Something could not be compared, or only in part."""
        self.not_compared.setdefault(f"{what}: {reason}")

    def fail(self, sentence: str) -> None:
        """A run says nothing."""
        self.failures.setdefault(sentence)

    def vary(self, sentence: str) -> None:
        """Runs of the original differ too much."""
        self.unstable.setdefault(sentence)

    def differ(self, sentence: str) -> None:
        """The patched run gave something else."""
        self.differences.setdefault(sentence)


def first_sentences(sentences: dict[str, None]) -> tuple[str, ...]:
    """The first sentences, and how many more there are.

    >>> first_sentences(dict.fromkeys(["a", "b"]))
    ('a', 'b')
    """
    everything = tuple(sentences)
    if len(everything) <= MOST_SENTENCES:
        return everything
    return (*everything[:MOST_SENTENCES], f"and {len(everything) - MOST_SENTENCES} more of the kind")

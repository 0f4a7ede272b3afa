"""The queries that a change has given eager loads."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from ennead.fixes.syntax.method_chain import chains_in

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from ennead.fixes.syntax.method_chain import Link, MethodChain
    from ennead.fixes.syntax.source_file import SourceFile


class LoadingChain(NamedTuple):
    """A query, and the calls in it that load."""

    source: SourceFile
    chain: MethodChain
    loads: tuple[Link, ...]

    @property
    def place(self) -> str:
        """File and line, for a person."""
        return f"{self.source.file}:{self.source.lines_of(self.loads[0].node)[0]}"


def changed_chains(before: SourceFile, after: SourceFile, names: Collection[str]) -> list[LoadingChain]:
    """Chains of the changed file that load more than they did; those in the arguments of another one are left out.

    Parameters
    ----------
    before, after
        The file, and the same file with the change.
    names
        Methods that load.
    """
    known = list(_loading(before, names))
    texts = {_text(each) for each in known}
    now = list(_loading(after, names))
    more = Counter(map(_key, now)) - Counter(map(_key, known))
    found: list[LoadingChain] = []
    for each in now:
        is_inside = any(after.is_inside(each.chain.node, load.node) for outer in found for load in outer.loads)
        if more[_key(each)] and _text(each) not in texts and not is_inside:
            found.append(each)
    return found


def _loading(source: SourceFile, names: Collection[str]) -> Iterator[LoadingChain]:
    for chain in chains_in(source, source.module):
        loads = tuple(link for link in chain.links if link.name in names and link.call is not None)
        if loads:
            yield LoadingChain(source, chain, loads)


def _text(found: LoadingChain) -> str:
    return "".join(found.source.text_of(found.chain.node).split())


def _key(found: LoadingChain) -> tuple[str, ...]:
    """Where the chain begins, and what it loads."""
    calls = [
        found.source.text_of(argument.value)
        for load in found.loads
        if load.call is not None
        for argument in load.call.args
    ]
    return (found.source.text_of(found.chain.root), *calls)

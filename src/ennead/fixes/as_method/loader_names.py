"""What a query of SQLAlchemy loads, and what that may be called."""

from __future__ import annotations

from typing import NamedTuple

from ennead.fixes.as_method.relation_names import joined_names, plural, snake_case, words_of


class LoadedOptions(NamedTuple):
    """The loader options of a query.

    Examples
    --------
    >>> options = LoadedOptions("models.Order", ("selectinload(models.Order.lines)",), (("lines",),))
    >>> options.name, options.constant
    ('orders_with_lines', 'ORDER_WITH_LINES')
    """

    model: str
    """As it is written: ``Order``, ``models.Order``."""
    expressions: tuple[str, ...]
    """The options, each in one line."""
    paths: tuple[tuple[str, ...], ...]

    @property
    def entity(self) -> str:
        """The class's own name."""
        return self.model.rpartition(".")[2]

    @property
    def name(self) -> str:
        """Of a function that gives the query."""
        return f"{plural(snake_case(self.entity))}_with_{joined_names(self.paths)}"

    @property
    def constant(self) -> str:
        """Of the options alone."""
        return f"{snake_case(self.entity)}_with_{joined_names(self.paths)}".upper()

    @property
    def sentence(self) -> str:
        """Says what a function of that name gives."""
        rows = plural(snake_case(self.entity)).replace("_", " ")
        return f"{rows[:1].upper()}{rows[1:]} with {words_of(self.paths)}, loaded at once."

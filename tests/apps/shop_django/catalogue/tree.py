"""Walks over the category tree."""

from catalogue.models import Category


def with_descendants(root: Category) -> list[Category]:
    """Collect a category and everything below it, one level at a time."""
    found = [root]
    level = [root]
    while level:
        level = list(Category.objects.filter(parent__in=level))
        found.extend(level)
    return found

from __future__ import annotations

from pathlib import Path

from ennead.fixes.patch import edit_of
from ennead.fixes.project_sources import ProjectSources
from ennead.fixes.shared_code import callers_not_replayed

QUERIES = "def open_orders():\n    return Order.objects.filter(open=True)\n"
VIEWS = "from shop.queries import open_orders\n\n\ndef page():\n    return open_orders()\n"
VIEW_CLASS = "class Listing:\n    def get_queryset(self):\n        return Order.objects.all()\n"


def told(before: dict[str, str], file: str) -> list[str]:
    sources = ProjectSources(Path("/nowhere"), before)
    after = {file: before[file].replace("Order.objects", "Order.eager")}
    return callers_not_replayed(sources, after, edit_of(sources, after))


def test_a_function_with_one_caller_is_all_that_is_replayed() -> None:
    assert told({"queries.py": QUERIES, "views.py": VIEWS}, "queries.py") == []


def test_a_function_with_several_callers_is_told() -> None:
    files = {"queries.py": QUERIES, "views.py": VIEWS, "feeds.py": VIEWS}
    assert told(files, "queries.py") == [
        "other callers of open_orders (queries.py): 2 places name it, only what ran was compared"
    ]


def test_a_function_that_was_not_changed_is_not_told() -> None:
    other = QUERIES + "\n\ndef all_orders():\n    return list(map(str, open_orders()))\n"
    sources = ProjectSources(Path("/nowhere"), {"queries.py": other, "views.py": VIEWS, "feeds.py": VIEWS})
    after = {"queries.py": other.replace("map(str,", "map(repr,")}
    assert callers_not_replayed(sources, after, edit_of(sources, after)) == []


def test_a_method_of_a_class_with_subclasses_is_told() -> None:
    files = {"views.py": VIEW_CLASS, "more.py": "class Other(Mixin, Listing):\n    pass\n"}
    assert told(files, "views.py") == [
        "subclasses of Listing (views.py): 1 inherit get_queryset or may, only what ran was compared"
    ]


def test_a_method_of_a_class_without_subclasses_is_not() -> None:
    assert told({"views.py": VIEW_CLASS, "more.py": "class Other:\n    pass\n"}, "views.py") == []


def test_what_is_no_python_is_passed_over() -> None:
    assert told({"page.html": "{{ Order.objects }}\n", "a.py": "def f(:\n"}, "page.html") == []
    assert told({"a.py": "def f(:\n    Order.objects\n"}, "a.py") == []

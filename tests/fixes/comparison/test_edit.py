from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ennead.fixes.comparison.edit import Edit, line_moves

LOOP = """def names(orders):
    found = []
    for order in orders:
        customer = Customer.objects.get(pk=order.customer_id)
        found.append(customer.name)
    return found
"""
HOISTED = """def names(orders):
    found = []
    customer = Customer.objects.get(pk=1)
    for order in orders:
        found.append(customer.name)
    return found
"""
IN_BULK = """def names(orders):
    found = []
    customers = Customer.objects.in_bulk([order.customer_id for order in orders])
    for order in orders:
        customer = customers[order.customer_id]
        found.append(customer.name)
    return found
"""


def test_a_rewritten_access_is_followed() -> None:
    assert line_moves(LOOP, IN_BULK)[4] == 5


def test_an_access_that_left_its_loop_has_no_counterpart() -> None:
    assert 4 not in line_moves(LOOP, HOISTED)
    assert line_moves(LOOP, HOISTED)[5] == 5


def test_lines_of_other_files_stay() -> None:
    edit = Edit.between({"a.py": LOOP}, {"a.py": IN_BULK})
    assert edit.line_after("b.py", 4) == 4
    assert edit.line_after("a.py", 6) == 7


def test_what_the_author_knows_goes_first() -> None:
    assert Edit.between({"a.py": LOOP}, {"a.py": HOISTED}, {"a.py": {4: 3}}).line_after("a.py", 4) == 3


def test_the_diff_names_new_files_and_missing_ends() -> None:
    edit = Edit.between({"a.py": "x = 1"}, {"a.py": "x = 2\n", "b.py": "y = 1\n"})
    assert edit.diff == (
        "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x = 1\n\\ No newline at end of file\n+x = 2\n"
        "--- /dev/null\n+++ b/b.py\n@@ -0,0 +1 @@\n+y = 1\n"
    )
    assert (edit.added, edit.removed) == (("x = 2", "y = 1"), ("x = 1",))


@given(st.lists(st.sampled_from(["a = 1", "  b = 2", "c(d)", ""])), st.lists(st.sampled_from(["e = 1", "c(d)"])))
def test_moves_keep_the_order_and_stay_inside(before: list[str], after: list[str]) -> None:
    moves = line_moves("\n".join(before), "\n".join(after))
    places = [moves[line] for line in sorted(moves)]
    assert places == sorted(set(places))
    assert all(1 <= line <= max(len(after), 1) for line in places)
    assert line_moves("\n".join(before), "\n".join(before)) == {
        line: line for line in range(1, len("\n".join(before).splitlines()) + 1)
    }

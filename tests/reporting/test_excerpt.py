from dataclasses import replace
from pathlib import Path

from ennead.reporting.excerpt import Excerpt, excerpts
from ennead.reporting.places import Places
from ennead.reporting.report import Entry
from ennead.reporting.story import Story
from tests.reporting.findings import ACCESS, LOOP, finding

VIEWS = [f"line {number}" for number in range(1, 41)]
VIEWS[20] = "    orders = Order.objects.all()"
VIEWS[21] = "    for order in orders:"


def _excerpts(folder: Path, **changes: object) -> list[Excerpt]:
    story = Story((Entry.of(finding(**changes)),))
    return excerpts(story.lines, Places(str(folder), str(folder)))


def _write(folder: Path, lines: list[str]) -> None:
    (folder / "shop").mkdir()
    (folder / "shop" / "views.py").write_text("\n".join(lines))


def test_shows_the_lines_around(tmp_path: Path) -> None:
    _write(tmp_path, VIEWS)
    views, *_ = _excerpts(tmp_path)
    assert [(row.number, row.line is not None) for row in views.rows] == [
        (19, False), (20, False), (21, True), (22, True), (23, False), (24, False),
    ]  # fmt: skip
    assert views.rows[2].text == "    orders = Order.objects.all()"


def test_places_far_apart_leave_a_gap(tmp_path: Path) -> None:
    _write(tmp_path, VIEWS)
    far = replace(LOOP, line=35, source="line 35")
    views, *_ = _excerpts(tmp_path, loop=far)
    assert [row.number for row in views.rows if row.after_gap] == [33]


def test_one_excerpt_for_each_file_in_the_order_of_the_story(tmp_path: Path) -> None:
    assert [excerpt.site.file for excerpt in _excerpts(tmp_path)] == [
        "shop/views.py",
        "shop/models.py",
        "shop/pricing.py",
    ]


def test_a_file_that_changed_since_is_told_as_it_was_recorded(tmp_path: Path) -> None:
    _write(tmp_path, ["everything", "is", "new"] * 20)
    views, *_ = _excerpts(tmp_path)
    assert [(row.number, row.text) for row in views.rows] == [
        (21, "orders = Order.objects.all()"),
        (22, "for order in orders:"),
    ]


def test_a_file_that_is_gone_is_told_as_it_was_recorded(tmp_path: Path) -> None:
    (only,) = _excerpts(tmp_path, origin=None, loop=None, call_path=())
    assert [row.text for row in only.rows] == ["return order.customer.discount"]


def test_a_place_without_a_source_is_told_by_its_function(tmp_path: Path) -> None:
    (only,) = _excerpts(tmp_path, origin=None, loop=None, call_path=(), call_site=replace(ACCESS, source=None))
    assert [row.text for row in only.rows] == ["total"]


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    _write(tmp_path, [*VIEWS, "#" * 2_000_001])
    views, *_ = _excerpts(tmp_path)
    assert [row.number for row in views.rows] == [21, 22]


def test_a_file_in_another_encoding_is_read_as_far_as_can_be(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "views.py").write_bytes("\n".join(["# caf\xe9", *VIEWS[1:]]).encode("latin-1"))
    views, *_ = _excerpts(tmp_path, origin=replace(LOOP, line=22), loop=replace(LOOP, line=2, source="line 2"))
    assert views.rows[0].text == "# caf\ufffd"


def test_a_file_that_was_edited_since_it_was_shown_is_read_again(tmp_path: Path) -> None:
    _write(tmp_path, VIEWS)
    assert _excerpts(tmp_path)[0].rows[0].text == "line 19"
    file = tmp_path / "shop" / "views.py"
    file.write_text(file.read_text().replace("line 19", "another line"))
    assert _excerpts(tmp_path)[0].rows[0].text == "another line"

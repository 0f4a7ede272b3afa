"""Keys, times and code for answers that may be kept."""

from typing import Any

import pytest

from ennead.domains.nplusone.advice_caching import CachingAdvice, RepeatedAcrossUnits, caching_advice
from tests.domains.nplusone.traces import site


def _advice(line: str, library: str | None = "django", **changes: Any) -> CachingAdvice:
    read = RepeatedAcrossUnits(
        statement='SELECT "name" FROM "tax_rate"',
        tables=("tax_rate",),
        library=library,
        model={"django": "shop.TaxRate", "sqlalchemy": "TaxRate"}.get(library or ""),
        access=site("shop/views.py:9", source=line),
        built_at=None,
    )
    return caching_advice(read._replace(**changes))


def _kept(key: str, load: str, seconds: int = 300) -> str:
    return f'cache.get_or_set("shop.TaxRate:{key}:v1", lambda: {load}, {seconds})'


ALL = "TaxRate.objects.all()"
OPEN = 'TaxRate.objects.filter(active=True).order_by("name")'


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (f"rates = list({ALL})", f"rates = {_kept('all', f'list({ALL})')}"),
        (f"for rate in {ALL}:", f"for rate in {_kept('all', f'list({ALL})')}:"),
        (
            f"return [rate.name for rate in {OPEN}]",
            f"""return [rate.name for rate in {_kept("filter(active=True).order_by('name')", f"list({OPEN})")}]""",
        ),
        (f"n = len({ALL})", f"n = len({_kept('all', f'list({ALL})')})"),
        ("n = TaxRate.objects.count()", f"n = {_kept('count()', 'TaxRate.objects.count()')}"),
        (
            "site = TaxRate.objects.get(pk=1).name",
            f"site = {_kept('get(pk=1)', 'TaxRate.objects.get(pk=1)')}.name",
        ),
        (
            f"top = tuple({OPEN}[:3])",
            f"""top = tuple({_kept("filter(active=True).order_by('name')[:3]", f"list({OPEN}[:3])")})""",
        ),
    ],
)
def test_django_code_stands_in_the_line(line: str, code: str) -> None:
    advice = _advice(line)
    keep, forget = advice.recommendations
    assert keep.code == code
    assert str(keep.place) == "shop/views.py:9"
    assert "sender=TaxRate" in str(forget.code)
    assert advice.key in str(forget.code)
    compile(str(forget.code), "advice", "exec")


@pytest.mark.parametrize(
    "line",
    [
        f"rates = {ALL}",  # whoever gets it may go on with .filter()
        f"return render(request, {ALL})",
        "rates = list(TaxRate.objects.filter(country=country))",
        "rates = list(TaxRate.objects.all()[start:end])",
        "rates = list(Other.objects.all())",
        "rates = list(TaxRate.active.all())",
        "rates = list(TaxRate.objects.raw('SELECT 1'))",
        "rate = TaxRate.objects.get_or_create(name='a')",
        "async for rate in TaxRate.objects.all():",
        "rates = [rate async for rate in TaxRate.objects.all()]",
        "rates = list(TaxRate.objects",
        "names = list(rates)",
    ],
)
def test_words_where_the_line_does_not_show_a_whole_constant_query_that_is_used_up(line: str) -> None:
    (words,) = _advice(line).recommendations
    assert words.code is None
    assert "cache.get_or_set" in words.text
    assert words.status == "advice"


def test_different_questions_have_different_keys() -> None:
    lines = [
        f"list(TaxRate.objects.{asked})"
        for asked in (
            "all()",
            'filter(name="a b")',
            'filter(name="a_b")',
            'filter(name="ä")',
            'filter(name="ö")',
            "filter(name=1)",
            'filter(name="1")',
            f'filter(name="{"x" * 200}1")',
            f'filter(name="{"x" * 200}2")',
        )
    ]
    keys = [_advice(line).key for line in lines]
    assert len(set(keys)) == len(keys)
    for key in keys:
        assert len(key) < 200
        assert key.isascii()
        assert key.isprintable()
        assert " " not in key


def test_receivers_of_two_keys_have_two_names() -> None:
    """Signals hold receivers weakly: the second of the same name would end the first."""
    codes = [str(_advice(f"list({query})").recommendations[1].code) for query in (ALL, OPEN)]
    names = [code.partition("def ")[2].partition("(")[0] for code in codes]
    assert names[0] == "forget_tax_rate"
    assert len(set(names)) == 2


def test_the_time_and_where_it_comes_from() -> None:
    quiet = _advice(f"list({ALL})")
    assert quiet.ttl_seconds == 300
    assert "No write to its tables was seen" in quiet.recommendations[0].text
    changing = _advice(f"list({ALL})", change_count=1, seconds_between_changes=50.0)
    assert changing.ttl_seconds == 25
    assert "written once" in changing.recommendations[0].text
    assert _advice("x", change_count=3, seconds_between_changes=0.1).ttl_seconds == 10
    assert _advice("x", change_count=3, seconds_between_changes=9e9).ttl_seconds == 60


@pytest.mark.parametrize("line", [f"list({ALL})", "x", "rows = session.execute(select(TaxRate.name)).all()"])
@pytest.mark.parametrize("library", ["django", "sqlalchemy", None])
def test_that_it_may_be_old_is_always_said(line: str, library: str | None) -> None:
    assert "for you to decide" in _advice(line, library).recommendations[0].text


def test_the_other_tables_in_the_answer_are_named() -> None:
    joined = _advice('list(TaxRate.objects.select_related("country"))', tables=("tax_rate", "country"))
    assert "tax_rate, country" in joined.recommendations[1].text
    prefetched = _advice('list(TaxRate.objects.prefetch_related("steps"))')
    assert "the other models in the answer" in prefetched.recommendations[1].text
    assert "other" not in _advice(f"list({ALL})").recommendations[1].text


@pytest.mark.parametrize(
    ("before", "query", "after"),
    [
        ("rows = ", "session.execute(select(TaxRate.name, TaxRate.percent).where(TaxRate.active)).all()", ""),
        ("return ", "db.session.scalars(select(TaxRate.name).order_by(TaxRate.name)).all()", ""),
        ("n = ", "session.scalar(select(func.count(TaxRate.id)))", " or 0"),
    ],
)
def test_sqlalchemy_code_keeps_plain_rows(before: str, query: str, after: str) -> None:
    advice = _advice(before + query + after, "sqlalchemy")
    keep, dictionary = advice.recommendations
    assert keep.code == f'{before}kept("{advice.key}", 300, lambda: {query}){after}'
    assert "def kept(key, seconds, load):" in str(dictionary.code)


@pytest.mark.parametrize(
    "line",
    [
        "rates = session.scalars(select(TaxRate)).all()",  # objects are of one session
        "rates = session.execute(select(TaxRate.name).where(TaxRate.country == country)).all()",
        "rates = session.execute(select(TaxRate.name))",
        "rates = (await session.execute(select(TaxRate.name))).all()",
        "rates = session.execute(statement).all()",
    ],
)
def test_words_for_sqlalchemy_where_rows_are_objects_or_the_query_is_not_there(line: str) -> None:
    (words,) = _advice(line, "sqlalchemy").recommendations
    assert words.code is None
    assert "objects are of one session" in words.text


def test_two_sqlalchemy_questions_for_the_same_columns_have_two_keys() -> None:
    lines = [f"session.execute(select(TaxRate.name).where(TaxRate.id == {number})).all()" for number in (1, 2)]
    keys = [_advice(line, "sqlalchemy").key for line in lines]
    assert len(set(keys)) == 2


def test_words_name_what_belongs_into_the_key() -> None:
    asked = _advice("x", statement="SELECT percent FROM tax_rate WHERE country = ? AND kind = ?")
    assert asked.key.startswith("shop.TaxRate:country={country},kind={kind}:")
    assert "(country, kind)" in asked.recommendations[0].text
    plain = _advice("x", library=None)
    assert plain.key.startswith("tax_rate:all:")
    assert "belongs into it" not in plain.recommendations[0].text


def test_a_template_line_is_told_where_the_query_was_built() -> None:
    template = site("shop/menu.html:3", language="django-template")
    built = site("shop/views.py:12")
    assert _advice("", access=template, built_at=built).recommendations[0].place == built
    assert _advice("", access=template).recommendations[0].place == template

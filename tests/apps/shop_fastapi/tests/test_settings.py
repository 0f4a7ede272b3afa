import pytest

from storefront.settings import SettingsError, asynchronous


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("sqlite:////var/shop.db", "sqlite+aiosqlite:////var/shop.db"),
        ("sqlite:///shop.db", "sqlite+aiosqlite:///shop.db"),
        ("postgresql://mary@db/shop", "postgresql+asyncpg://mary@db/shop"),
        ("postgres://mary@db/shop", "postgresql+asyncpg://mary@db/shop"),
    ],
)
def test_the_driver_is_named(given: str, expected: str) -> None:
    assert asynchronous(given) == expected


@pytest.mark.parametrize("given", ["oracle://host/shop", "sqlite://", "shop.sqlite3"])
def test_anything_else_is_refused_by_name(given: str) -> None:
    with pytest.raises(SettingsError, match=given):
        asynchronous(given)

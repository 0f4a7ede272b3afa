"""No part of a password is shown, however it is written; and what is no secret is."""

import sys

import pytest

from ennead.store.shown_url import shown_url

SECRET = "postgresql://ada:s3cret@db.local:5433/shop"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (SECRET, "postgresql://ada@db.local:5433/shop"),
        ("postgresql://db.local/shop?user=ada&password=s3cret", "postgresql://db.local/shop"),
        ("postgresql://ada:s3cret/s3cret@db.local/shop", "postgresql://ada@db.local/shop"),
        ("postgresql://ada:s3cret@s3cret@db.local/shop", "postgresql://ada@db.local/shop"),
        ("postgresql://ada:s3cret@s3cret/s3cret@db.local/shop", "postgresql://ada@db.local/shop"),
        ("postgresql://ada:s3cret@s3cret:s3cret@db.local/shop", "postgresql://..."),
        ("postgresql://ada:s3cret@s3cret?s3cret@db.local/shop", "postgresql://..."),
        ("postgresql:///shop", "postgresql:///shop"),
        ("sqlite:////srv/memory.sqlite", "sqlite:////srv/memory.sqlite"),
        ("s3cret", "(not a URL)"),
    ],
)
def test_what_is_shown_of_a_url(url: str, shown: str) -> None:
    assert shown_url(url) == shown


def test_without_the_package_only_the_scheme_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    assert shown_url(SECRET) == "postgresql://..."

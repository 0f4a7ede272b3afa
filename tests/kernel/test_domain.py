"""Domains are found through their entry points, other packages' ones too."""

from pathlib import Path

import pytest

from ennead.kernel.domain import ENTRY_POINT_GROUP, DomainManifest, installed_domains
from ennead.kernel.errors import EnneadError
from tests.kernel import strolls


@pytest.fixture
def installed_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the import path with the metadata of an installed package in it."""
    metadata = tmp_path / "ennead_strolls-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: ennead-strolls\nVersion: 1.0\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return metadata


def _announce(metadata: Path, target: str) -> None:
    text = f"[{ENTRY_POINT_GROUP}]\nstrolls = {target}\n"
    (metadata / "entry_points.txt").write_text(text, encoding="utf-8")


def test_our_own_domain_is_announced_by_our_own_package() -> None:
    domains = installed_domains()
    assert domains["nplusone"].title == "N+1 queries"
    assert all(isinstance(domain, DomainManifest) for domain in domains.values())


def test_a_domain_of_another_package_stands_beside_ours(installed_package: Path) -> None:
    _announce(installed_package, "tests.kernel.strolls:DOMAIN")
    domains = installed_domains()
    assert domains["strolls"] is strolls.DOMAIN
    assert "nplusone" in domains


def test_without_an_announcement_it_is_not_there(installed_package: Path) -> None:
    assert "strolls" not in installed_domains()


def test_a_domain_that_cannot_be_imported_is_named(installed_package: Path) -> None:
    _announce(installed_package, "tests.kernel.nowhere:DOMAIN")
    with pytest.raises(EnneadError) as caught:
        installed_domains()
    assert str(caught.value) == (
        "the domain 'strolls' (tests.kernel.nowhere:DOMAIN) cannot be loaded: No module named 'tests.kernel.nowhere'"
    )
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)


def test_what_is_no_manifest_is_refused(installed_package: Path) -> None:
    _announce(installed_package, "tests.kernel.strolls:Stroll")
    with pytest.raises(EnneadError, match=r"'strolls' \(tests.kernel.strolls:Stroll\) is no DomainManifest$"):
        installed_domains()

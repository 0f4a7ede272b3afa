import pytest

from ennead.kernel.call_site import CallSite
from ennead.reporting.repository_places import RepositoryPlaces, read_map

INSIDE = CallSite("shop/views.py", 3, "f")
ELSEWHERE = CallSite("/usr/lib/tool.py", 3, "f")


@pytest.mark.parametrize(
    ("project", "root", "maps", "named"),
    [
        ("/srv/mono/web", "/srv/mono", (), "web/shop/views.py"),
        ("/srv/mono", "/srv/mono", (), "shop/views.py"),
        ("/srv/mono", "/srv/mono/", (), "shop/views.py"),
        ("/srv/mono", "/srv/mon", (), "/srv/mono/shop/views.py"),
        ("/app", "/srv/mono", (), "/app/shop/views.py"),
        ("/app", "/srv/mono", (("/app", "services/web"),), "services/web/shop/views.py"),
        ("/app", "/srv/mono", (("/ap", "services/web"),), "/app/shop/views.py"),
        ("/app", "/srv/mono", (("/app", "/srv/mono/web"),), "web/shop/views.py"),
        ("/app", "/srv/mono", (("/app", ""),), "shop/views.py"),
        ("/app", "/srv/mono", (("/other", "x"), ("/app/shop", "a"), ("/app", "b")), "a/views.py"),
        ("/srv/mono/web", "/srv/mono", (("web/shop", "packages/shop"),), "packages/shop/views.py"),
        ("/srv/mono/web", "/srv/mono", (("shop", "packages/shop"),), "packages/shop/views.py"),
        ("/srv/mono/web", "/srv/mono", (("shop/views.py", "x.py"),), "web/shop/views.py"),
        ("/app", "/srv/mono", (("/app", "./web"),), "web/shop/views.py"),
        ("", "/srv/mono", (), "shop/views.py"),
    ],
)
def test_a_file_of_the_project(project: str, root: str, maps: tuple[tuple[str, str], ...], named: str) -> None:
    places = RepositoryPlaces(project, root, maps)
    assert places.file(INSIDE) == named
    assert places.text(INSIDE) == f"{named}:3"
    assert places.is_outside(INSIDE) == named.startswith("/")


def test_a_file_of_somebody_else() -> None:
    assert RepositoryPlaces("/srv", "/srv").file(ELSEWHERE) == "/usr/lib/tool.py"
    assert RepositoryPlaces("/srv", "/srv", (("/usr/lib", "vendor"),)).file(ELSEWHERE) == "vendor/tool.py"


@pytest.mark.parametrize("file", ["<stdin>", "<frozen importlib>"])
def test_what_is_no_file(file: str) -> None:
    places = RepositoryPlaces("/srv", "/srv")
    assert not places.is_file(CallSite(file, 1, "f"))
    assert places.file(CallSite(file, 1, "f")) == file
    assert places.is_file(INSIDE)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("/app=services/shop", ("/app", "services/shop")),
        (" /app/ = services/shop/ ", ("/app", "services/shop")),
        ("/=src", ("/", "src")),
        ("a=b=c", ("a", "b=c")),
        ("=b", None),
        ("a", None),
        ("", None),
    ],
)
def test_reading_a_map(text: str, read: tuple[str, str] | None) -> None:
    assert read_map(text) == read

import pytest

from ennead.kernel.call_site import CallSite
from ennead.reporting.places import Places, shows_links

SITE = CallSite("shop/views.py", 12, "order_list")


@pytest.mark.parametrize(
    ("working_folder", "text"),
    [
        ("/srv", "shop/views.py:12"),
        ("/srv/shop", "views.py:12"),
        ("/srv/tests", "../shop/views.py:12"),
        ("", "/srv/shop/views.py:12"),
    ],
)
def test_files_are_relative_to_where_the_reader_stands(working_folder: str, text: str) -> None:
    assert Places("/srv", working_folder).text(SITE) == text


def test_files_outside_of_the_project_stay_absolute() -> None:
    outside = CallSite("/opt/lib/a.py", 3, "f")
    assert Places("/srv", "/srv").text(outside) == "/opt/lib/a.py:3"


@pytest.mark.parametrize("root", ["/srv", ""])
def test_what_is_no_file_is_named_as_it_is(root: str) -> None:
    places = Places(root, root)
    assert places.text(CallSite("<stdin>", 1, "<module>")) == "<stdin>:1"
    assert places.link(CallSite("<stdin>", 1, "<module>")) is None


def test_without_a_root_the_recorded_name_stands() -> None:
    assert Places("", "/srv").text(SITE) == "shop/views.py:12"


def test_links_name_the_line() -> None:
    assert Places("/srv dir", "/").link(SITE) == "file:///srv%20dir/shop/views.py#12"


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, False),
        ({"TERM": "xterm-256color"}, False),
        ({"TERM_PROGRAM": "vscode"}, True),
        ({"TERM": "xterm-kitty"}, True),
        ({"VTE_VERSION": "7200"}, True),
        ({"VTE_VERSION": "4800"}, False),
        ({"VTE_VERSION": "new"}, False),
        ({"KONSOLE_VERSION": "230801"}, True),
        ({"FORCE_HYPERLINK": "1"}, True),
        ({"FORCE_HYPERLINK": "0", "TERM_PROGRAM": "vscode"}, False),
    ],
)
def test_links_are_for_terminals_that_know_them(environ: dict[str, str], *, expected: bool) -> None:
    assert shows_links(environ) == expected

"""The files of labels, and what is refused in them."""

import pytest

from bench.real_apps.environment import releases
from bench.real_apps.labels import FOLDER, Label, labels_of, parse

GROUP = """
[[group]]
action = ["basket", "offer"]
fingerprint = "aa"
label = "n-plus-one"
read = "basket.py:3: each line loads its product"
"""


def test_one_entry_labels_the_same_statement_of_several_actions() -> None:
    label = Label("n-plus-one", "basket.py:3: each line loads its product")

    assert parse(GROUP) == {("basket", "aa"): label, ("offer", "aa"): label}


def test_a_structural_group_has_a_reason_and_a_capped_one_says_so() -> None:
    structural = (
        '[[group]]\naction = "a"\nfingerprint = "1"\nlabel = "structural"\nreason = "chunks"\nread = "x.py:1"\n'
    )
    capped = '[[group]]\naction = "b"\nfingerprint = "1"\nlabel = "n-plus-one"\ncapped = true\nread = "x.py:2"\n'

    labels = parse(structural + capped)

    assert labels["a", "1"] == Label("structural", "x.py:1", "chunks")
    assert labels["b", "1"].capped
    assert not labels["a", "1"].capped


@pytest.mark.parametrize(
    "wrong",
    [
        GROUP.replace("n-plus-one", "n+1"),
        GROUP.replace('read = "basket.py:3: each line loads its product"', ""),
        GROUP.replace("n-plus-one", "structural"),
        GROUP + 'reason = "chunks"',
        GROUP + GROUP.replace('["basket", "offer"]', '"offer"'),
    ],
    ids=["unknown label", "not read", "structural without a reason", "reason without being structural", "twice"],
)
def test_a_wrong_label_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"needs a label|twice"):
        parse(wrong)


def test_an_application_that_nobody_has_read_has_no_labels() -> None:
    assert labels_of("nobody has read this") == {}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_each_file_of_labels_belongs_to_an_application_and_names_lines(path: object) -> None:
    name = getattr(path, "stem", "")

    labels = labels_of(name)

    assert labels
    assert name in {release.application for release in releases([])}
    assert [label.read for label in labels.values() if ":" not in label.read] == []

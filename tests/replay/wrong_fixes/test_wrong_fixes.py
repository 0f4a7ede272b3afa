"""Two small shops, their honest repair, and wrong ones: none of those may be accepted."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

import pytest

from ennead.fixes.verdict import ACCEPTED, Judgement
from ennead.replay.replay import Work
from ennead.replay.verify import Verifier, verify_patch
from tests.replay.wrong_fixes import django_patches, sqlalchemy_patches
from tests.replay.wrong_fixes.django_hidden_mistakes import HIDDEN_MISTAKES as HIDDEN_IN_DJANGO
from tests.replay.wrong_fixes.patches import Shop, WrongPatch
from tests.replay.wrong_fixes.sqlalchemy_hidden_mistakes import HIDDEN_MISTAKES as HIDDEN_IN_SQLALCHEMY

SHOPS = {
    django_patches.SHOP.name: (django_patches.SHOP, (*django_patches.WRONG_PATCHES, *HIDDEN_IN_DJANGO)),
    sqlalchemy_patches.SHOP.name: (sqlalchemy_patches.SHOP, (*sqlalchemy_patches.WRONG_PATCHES, *HIDDEN_IN_SQLALCHEMY)),
}
BROKEN = WrongPatch(
    name="a module is imported that is not there",
    mistake=(("from __future__ import annotations\n", "from __future__ import annotations\nimport not_there\n"),),
    verdicts=frozenset({"could-not-run"}),
)
HONEST = WrongPatch(name="the honest repair", mistake=(), verdicts=frozenset({"verified"}))
CASES = [
    pytest.param(shop, patch, id=f"{shop.name}: {patch.name}")
    for shop, patches in SHOPS.values()
    for patch in (HONEST, BROKEN, *patches)
]
SIZES = (10, 50)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def roots(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each shop in a folder of its own, as a user has it."""
    folder = tmp_path_factory.mktemp("shops")
    ignore = shutil.ignore_patterns("__pycache__", "*.sqlite3")
    for shop, _ in SHOPS.values():
        shutil.copytree(shop.root, folder / shop.name, ignore=ignore)
    return {name: folder / name for name in SHOPS}


@pytest.fixture(scope="module")
def judgements(
    request: pytest.FixtureRequest, roots: dict[str, Path]
) -> Iterator[dict[tuple[str, str], Future[Judgement]]]:
    """Of the patches whose tests were selected: by one verifier for each shop, both at work at the same time."""
    wanted = [
        cast("dict[str, Any]", item.callspec.params)
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.originalname == test_each_patch_is_judged_rightly.__name__
    ]
    with ExitStack() as stack:
        pools = {name: ThreadPoolExecutor(1) for name in SHOPS}
        verifiers = {
            name: stack.enter_context(
                Verifier(Work(root=roots[name], command=(sys.executable, *shop.command[1:])), sizes=SIZES)
            )
            for name, (shop, _) in SHOPS.items()
        }
        for pool in pools.values():
            stack.callback(pool.shutdown, cancel_futures=True)
        yield {
            (shop.name, patch.name): pools[shop.name].submit(_judged, verifiers[shop.name], patch.files(shop))
            for shop, patch in ((case["shop"], case["patch"]) for case in wanted)
        }


def _judged(verifier: Verifier, files: dict[str, str]) -> Judgement:
    return verifier.judge(files, None).judgement


@pytest.mark.parametrize(("shop", "patch"), CASES)
def test_each_patch_is_judged_rightly(
    shop: Shop, patch: WrongPatch, judgements: dict[tuple[str, str], Future[Judgement]]
) -> None:
    judgement = judgements[shop.name, patch.name].result()
    assert judgement.verdict in patch.verdicts, judgement.reasons
    assert judgement.is_accepted == (patch is HONEST)


@pytest.mark.parametrize(
    ("mistake", "verdicts"),
    [("", {"verified", "verified-at-this-size"}), (".exclude(salesperson=None)", {"changes-results"})],
    ids=["honest", "rows dropped"],
)
def test_tests_of_the_user_are_work_too(mistake: str, verdicts: set[str], roots: dict[str, Path]) -> None:
    shop = django_patches.SHOP
    text = shop.repaired().replace(django_patches.LIST, django_patches.LIST + mistake)
    command = (sys.executable, "manage.py", "test", "shop")
    judgement = verify_patch(roots[shop.name], command, {shop.file: text})
    assert judgement.verdict in verdicts, judgement.reasons


@pytest.mark.parametrize("name", SHOPS)
def test_every_verdict_that_may_be_said_refuses(name: str) -> None:
    _, patches = SHOPS[name]
    assert not any(patch.verdicts & ACCEPTED for patch in (BROKEN, *patches))


@pytest.mark.parametrize("name", SHOPS)
def test_every_wrong_patch_is_another_one(name: str) -> None:
    shop, patches = SHOPS[name]
    changes = [
        {shop.file: (shop.root / shop.file).read_text(encoding="utf-8")},
        {shop.file: shop.repaired()},
        *(patch.files(shop) for patch in patches),
    ]
    assert all(changes.count(change) == 1 for change in changes)

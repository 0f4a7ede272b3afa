"""The schema version that records carry."""

from typing import Any

import pytest

from ennead.kernel.errors import EnneadError
from ennead.kernel.json_schema import SCHEMA_VERSION, check_schema


@pytest.mark.parametrize("data", [{}, {"schema": SCHEMA_VERSION}, {"schema": SCHEMA_VERSION - 1}])
def test_reads_the_present_schema_and_older_ones(data: dict[str, Any]) -> None:
    check_schema(data, "finding")


@pytest.mark.parametrize("version", [SCHEMA_VERSION + 1, 99, "1", 1.5, None])
def test_refuses_newer_schemas_and_what_is_no_version(version: object) -> None:
    with pytest.raises(EnneadError) as caught:
        check_schema({"schema": version}, "baseline")
    assert str(caught.value) == (
        f"this baseline has schema version {version}, but this Ennead reads up to {SCHEMA_VERSION}: upgrade ennead"
    )

"""The fixture, and panels over it."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import fixture

Panel = Callable[[str], list[dict[str, object]]]


@pytest.fixture(scope="session")
def case(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a dashboard over the fixture."""
    folder = tmp_path_factory.mktemp("case")
    fixture.write(folder)
    (folder / "monitoring.json").write_text(json.dumps(fixture.CONFIG))
    return {"NACE_DATA": str(folder), "NACE_CONFIG": str(folder / "monitoring.json")}


@pytest.fixture(scope="session")
def panel(case: dict[str, str]) -> Panel:
    """The rows of a panel."""
    from nace_dashboard.configuration import configuration_of
    from nace_dashboard.database import connect, open_views, rows_of

    connection = connect(case)
    parameters = open_views(connection, configuration_of(case), case["NACE_DATA"])
    return lambda name: rows_of(connection, name, parameters)

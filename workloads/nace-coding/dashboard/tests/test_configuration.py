"""The configuration has no defaults for what the service decides by, and is the one that the drift check reads."""

import json
from pathlib import Path

import duckdb
import pytest

from nace_dashboard.configuration import KEYS, LANGUAGES, NOMENCLATURES, WINDOWS, BadInput, configuration_of
from nace_dashboard.database import ROOT, connect, open_views, panels, rows_of
from nace_dashboard.panels import archive

SCHEMA = json.loads((ROOT.parent / "etl" / "schemas" / "monitoring.schema.json").read_text())


def test_it_is_that_of_the_schema() -> None:
    properties = SCHEMA["properties"]
    assert set(properties) == KEYS
    assert tuple(properties["nomenclature"]["enum"]) == NOMENCLATURES
    assert tuple(properties["language"]["enum"]) == LANGUAGES
    assert {name: properties["windows"]["properties"][name]["default"] for name in WINDOWS} == WINDOWS


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "wrong.json"
    file.write_text(json.dumps({"confidence": {"threshold": 2}, "nomenclature": "isic", "colour": 1, "windows": {"currentDays": 0}}))
    with pytest.raises(BadInput) as found:
        configuration_of({"NACE_CONFIG": str(file)})
    assert [problem.split(": ")[1] for problem in found.value.problems] == [
        "colour",
        "confidence.index",
        "confidence.threshold",
        "nomenclature",
        "windows.currentDays",
    ]


def test_the_sql_has_no_threshold_of_its_own() -> None:
    """Without the parameter no panel that speaks of automatic coding can run."""
    asking = [name for name in panels() if "$threshold" in (ROOT / "sql" / f"{name}.sql").read_text()]
    assert {"requests-per-day", "gold-summary", "accuracy-by-level", "monthly-accuracy", "top-five"} <= set(asking)
    for name in panels():
        assert "0.8" not in (ROOT / "sql" / f"{name}.sql").read_text(), name


@pytest.mark.parametrize("threshold", [0.0, 0.5, 0.95])
def test_another_threshold_gives_other_figures(case: dict[str, str], tmp_path: Path, threshold: float) -> None:
    told = json.loads(Path(case["NACE_CONFIG"]).read_text())
    told["confidence"]["threshold"] = threshold
    (tmp_path / "c.json").write_text(json.dumps(told))
    connection = connect(case)
    parameters = open_views(connection, configuration_of({"NACE_CONFIG": str(tmp_path / "c.json")}), case["NACE_DATA"])
    automatic = sum(int(str(row["automatic"])) for row in rows_of(connection, "requests-per-day", parameters))
    assert automatic == {0.0: 19, 0.5: 13, 0.95: 4}[threshold]


def test_a_panel_without_its_parameter_fails(case: dict[str, str]) -> None:
    connection = connect(case)
    parameters = open_views(connection, configuration_of(case), case["NACE_DATA"])
    del parameters["threshold"]
    with pytest.raises(KeyError, match="threshold"):
        rows_of(connection, "gold-summary", parameters)
    with pytest.raises(duckdb.InvalidInputException, match="threshold"):
        connection.execute((ROOT / "sql" / "gold-summary.sql").read_text())


def test_without_a_gold_set_its_panels_are_empty(tmp_path: Path) -> None:
    import fixture

    fixture.write(tmp_path, gold=False)
    (tmp_path / "c.json").write_text(json.dumps(fixture.CONFIG))
    environment = {"NACE_DATA": str(tmp_path), "NACE_CONFIG": str(tmp_path / "c.json")}
    connection = connect(environment)
    parameters = open_views(connection, configuration_of(environment), str(tmp_path))
    assert rows_of(connection, "gold-summary", parameters)[0]["annotated"] == 0
    assert rows_of(connection, "monthly-accuracy", parameters) == []
    assert len(archive(environment)) > 1000


def test_without_a_table_the_remedy_is_told(tmp_path: Path, case: dict[str, str]) -> None:
    environment = {**case, "NACE_DATA": str(tmp_path)}
    with pytest.raises(BadInput, match="run the ETL first"):
        open_views(connect(environment), configuration_of(environment), environment["NACE_DATA"])

"""Before the first day of records."""

import io
import json
import zipfile
from pathlib import Path

import duckdb
import pytest

from nace_dashboard.database import panels
from nace_dashboard.panels import archive


def unpacked(environment: dict[str, str]) -> dict[str, object]:
    with zipfile.ZipFile(io.BytesIO(archive(environment))) as packed:
        return {name: json.loads(packed.read(name)) for name in packed.namelist()}


def test_every_panel_is_there_without_rows(case: dict[str, str], tmp_path: Path) -> None:
    found = unpacked({**case, "NACE_DATA": str(tmp_path)})
    settings = found.pop("settings.json")
    assert isinstance(settings, dict)
    assert (settings["records"], settings["index"], settings["threshold"], settings["nomenclature"]) == (False, "margin", 0.8, "naf2")
    assert found == {f"{name}.json": [] for name in (*panels(), "drift")}


def test_with_records_the_files_are_the_same(case: dict[str, str], tmp_path: Path) -> None:
    full, empty = unpacked(case), unpacked({**case, "NACE_DATA": str(tmp_path)})
    assert set(full) == set(empty)
    assert isinstance(full["settings.json"], dict) and full["settings.json"]["records"] is True


def test_a_store_that_does_not_answer_is_not_taken_for_an_empty_one(case: dict[str, str]) -> None:
    nowhere = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    with pytest.raises(duckdb.Error):
        archive({**case, **nowhere, "NACE_DATA": "s3://nace/coding"})

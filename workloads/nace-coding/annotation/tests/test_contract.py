"""What other folders own, where they are there."""

import json
from pathlib import Path

import pytest

from nace_annotation.table import NEEDED, PREDICTED, SHADOW

COLUMNS = Path(__file__).parents[2] / "etl/schemas/columns.json"


@pytest.mark.skipif(not COLUMNS.exists(), reason="etl/ is not there")
def test_the_table_of_records_has_the_columns_that_are_read() -> None:
    document = json.loads(COLUMNS.read_text())
    there = {each["name"] for each in document["records"]}
    for each in document["predictions"]:
        there |= {f"{each[kind]}{rank}" for kind in ("code", "probability") for rank in range(1, each["columns"] + 1)}
    assert {*NEEDED, *PREDICTED, *SHADOW} - there == set()
    assert {"code", "annotated_at", "annotator"} == {each["name"] for each in document["gold"]}

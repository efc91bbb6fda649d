"""Reports of drift, as `etl/` shows them in the schema that it owns."""

import json
from pathlib import Path

import pytest

from nace_dashboard.database import ROOT, connect
from nace_dashboard.panels import drift_reports, text_of

SCHEMA = ROOT.parent / "etl/schemas/drift-report.schema.json"


@pytest.mark.skipif(not SCHEMA.exists(), reason="etl/ is not there")
def test_every_report_that_the_schema_shows_is_shown(case: dict[str, str], tmp_path: Path) -> None:
    examples = json.loads(SCHEMA.read_text("utf8"))["examples"]
    assert len(examples) == 6
    (tmp_path / "drift").mkdir()
    for day, example in enumerate(examples, start=1):
        (tmp_path / f"drift/2026-01-{day:02d}.json").write_text(json.dumps(example))
    found = json.loads(text_of(drift_reports(connect({**case, "NACE_DATA": str(tmp_path)}), str(tmp_path))))
    assert [each["decision"] for each in found] == ["drift", "stable", "drift", "stable", "too-few-rows", "too-few-rows"]
    assert [each["accuracy"] and each["accuracy"]["value"] for each in found] == [0.71, 0.71, 0.71, None, None, None]
    assert [len(each["aspects"]) for each in found] == [2, 1, 2, 1, 0, 0]
    assert found[5]["reason"].startswith("the nomenclature changed from NAF rev. 2 to NACE Rev. 2.1")
    assert found[0]["aspects"][0]["metrics"]["kolmogorov_smirnov"] == {"value": 0.2, "threshold": 0.03, "p_value": 0.001}

"""What other folders own, where they are there."""

import json
from datetime import date
from pathlib import Path
from typing import get_args

import pytest
from memory import MemoryRegistry
from movement import TRAINING, moves, state, verdict_file, verdict_of

from nace_annotation.evidence import DriftReport, read_drift
from nace_annotation.figures import Verdict, by_verdict, read_verdict
from nace_annotation.moves import CHALLENGER, CHAMPION, Move, move
from nace_annotation.settings import Accuracy
from nace_annotation.store import Objects
from nace_annotation.table import NEEDED, NOMENCLATURES, PREDICTED, SHADOW

ETL = Path(__file__).parents[2] / "etl/schemas"
COLUMNS = ETL / "columns.json"
DRIFT = ETL / "drift-report.schema.json"
needs_training = pytest.mark.skipif(not TRAINING.exists(), reason="training/ is not there")


@pytest.mark.skipif(not COLUMNS.exists(), reason="etl/ is not there")
def test_the_table_of_records_has_the_columns_that_are_read() -> None:
    document = json.loads(COLUMNS.read_text())
    there = {each["name"] for each in document["records"]}
    for each in document["predictions"]:
        there |= {f"{each[kind]}{rank}" for kind in ("code", "probability") for rank in range(1, each["columns"] + 1)}
    assert {*NEEDED, *NOMENCLATURES, *PREDICTED, *SHADOW} - there == set()
    assert {"code", "nomenclature", "annotated_at", "annotator"} == {each["name"] for each in document["gold"]}


@needs_training
@pytest.mark.parametrize("name", ["first", "won", "lost", "revised"])
def test_a_verdict_is_read_as_training_prints_it(name: str) -> None:
    told = json.loads(verdict_file(name).read_text())
    verdict = read_verdict(verdict_file(name))
    assert verdict.model_dump() == told
    schema = json.loads((TRAINING / "schemas/verdict.schema.json").read_text())
    fields = Verdict.model_json_schema()
    assert set(schema["properties"]) == set(fields["properties"])
    assert sorted(schema["required"]) == sorted(fields["required"])


@needs_training
def test_the_registry_is_left_as_training_leaves_it() -> None:
    registry = MemoryRegistry("nace-coding", 2)
    for each in moves():
        asked = each["move"]
        champion = registry.by_alias(CHAMPION)
        if asked["do"] == "promote":
            registry.move_alias(CHALLENGER, asked["version"])
            new = registry.by_number(asked["version"])
            figures = by_verdict(verdict_of(asked, registry.model), registry.model, champion, new)
            told = Move("promoted", asked["by"], asked["reason"], figures.tags)
        else:
            assert champion is not None
            new = registry.by_number(champion.tags["promoted.replaces"])
            told = Move("restored", asked["by"], asked["reason"])
        move(registry, champion.number if champion else None, new.number, told)
        assert state(registry) == each["after"], asked


def test_a_move_that_is_done_again_is_told_once() -> None:
    registry = MemoryRegistry("nace-coding", 2)
    for _ in range(2):
        move(registry, "1", "2", Move("promoted", "office", "drift"))
    assert [line.split(" ", 1)[1] for line in registry.history()] == ["version 2 promoted by office, replaces 1: drift"]


@pytest.mark.skipif(not DRIFT.exists(), reason="etl/ is not there")
def test_every_report_of_drift_that_the_schema_shows_is_read(objects: Objects, folder: Path) -> None:
    schema = json.loads(DRIFT.read_text())
    assert set(schema["properties"]["decision"]["enum"]) == set(get_args(DriftReport.model_fields["decision"].annotation))
    assert {"value", "low", "high", "rows"} == set(schema["$defs"]["band"]["required"])
    settings = Accuracy.model_validate({"of": "all", "required": 0.8, "days": 30, "minimumRows": 1})
    promised = {}
    for example in schema["examples"]:
        file = folder / f"drift/{example['date']}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(example))
        found = read_drift(objects, date.fromisoformat(example["date"]), 1, settings)
        assert found.decisions == {example["date"]: example["decision"]}
        assert found.sustained == (example["decision"] == "drift")
        told = example["accuracy"].get("estimated")
        promise = found.promised
        promised[example["accuracy"]["status"]] = promise and (promise.rows, promise.accuracy, promise.lower, promise.upper) == tuple(
            told[name] for name in ("rows", "value", "low", "high")
        )
    # What annotations contradict is no promise, and without a calibration there is none.
    assert promised == {"estimated": True, "confirmed": True, "contradicted": None, "no-calibration": None, "too-few-rows": None}

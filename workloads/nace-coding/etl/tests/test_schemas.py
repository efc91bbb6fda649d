"""What the programs write is what the schemas say, by which others read it."""

import copy
import datetime
import json
from pathlib import Path
from typing import Any, cast

import jsonschema
import numpy as np
import pytest
from conftest import Bucket
from corpus import lines, records
from population import rows

from nace_monitoring.configuration import SCHEMAS, Configuration
from nace_monitoring.drift import accuracy_of, report_of
from nace_monitoring.metrics import METRICS
from nace_monitoring.store import Objects
from nace_monitoring.windows import Annotated, Window

CONFIGURATION = Configuration("margin", 0.8, "naf2", 7, 28, None, 0.05, 50, 0.05, 50_000, 99, 0)
DAY = datetime.date(2026, 1, 31)


def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf8"))
    return found


def check(name: str, document: object) -> None:
    """Every schema is one of draft 2020-12, and the document as it is written fits it."""
    jsonschema.Draft202012Validator.check_schema(schema(name))
    jsonschema.Draft202012Validator(schema(name)).validate(json.loads(json.dumps(document, allow_nan=False)))


def window(count: int, seed: int, days: int, end: datetime.date = DAY, **changed: Any) -> Window:
    found = rows(count, seed, **changed)
    automatic = float(np.nanmean(found.confidence >= 0.8)) if count else float("nan")
    return Window(end - datetime.timedelta(days=days - 1), end, count, automatic, 0, found)


def annotated(count: int, day: datetime.date, right: float) -> Annotated:
    correct = np.arange(count) < right * count
    return Annotated(np.array([day] * count, object), np.linspace(0, 1, count), correct)


BEFORE = DAY - datetime.timedelta(days=20)


@pytest.mark.parametrize(
    ("size", "changed", "people", "decision", "status"),
    [
        (300, {}, annotated(0, DAY, 1), "stable", "no-calibration"),
        (300, {"language": "en", "shift": 0.2}, annotated(150, BEFORE, 0.5), "drift", "estimated"),
        (20, {}, annotated(150, BEFORE, 0.5), "too-few-rows", "too-few-rows"),
        (0, {}, annotated(0, DAY, 1), "too-few-rows", "no-calibration"),
    ],
)
def test_a_report_is_what_the_schema_says(size: int, changed: dict[str, Any], people: Annotated, decision: str, status: str) -> None:
    current = window(size, 2, 7, **changed)
    report = report_of(CONFIGURATION, window(400, 1, 28, DAY - datetime.timedelta(days=7)), current)
    report["accuracy"] = accuracy_of({}, cast(Objects, None), CONFIGURATION, people, current)
    assert (report["decision"], report["accuracy"]["status"]) == (decision, status)
    check("drift-report", report)


@pytest.mark.parametrize(("right", "status"), [(0.5, "confirmed"), (0.05, "contradicted")])
def test_annotations_of_the_window_are_told_as_the_schema_says(right: float, status: str) -> None:
    before, inside = annotated(150, BEFORE, 0.5), annotated(150, DAY, right)
    # Before the window high confidences are not better than low ones, so half of any is promised.
    order = np.random.default_rng(1).permutation(150)
    people = Annotated(
        np.concatenate([before.date, inside.date]),
        np.concatenate([before.confidence[order], inside.confidence]),
        np.concatenate([before.correct, inside.correct]),
    )
    current = window(300, 2, 7)
    report = report_of(CONFIGURATION, window(400, 1, 28, DAY - datetime.timedelta(days=7)), current)
    report["accuracy"] = accuracy_of({}, cast(Objects, None), CONFIGURATION, people, current)
    assert report["accuracy"]["status"] == status
    check("drift-report", report)


def test_the_examples_of_a_report_show_every_decision_and_status() -> None:
    told = schema("drift-report")
    for example in told["examples"]:
        check("drift-report", example)
    statuses = told["$defs"]["accuracy"]["properties"]["status"]["enum"]
    assert {example["accuracy"]["status"] for example in told["examples"]} == set(statuses)
    assert {example["decision"] for example in told["examples"]} == set(told["properties"]["decision"]["enum"])
    assert told["$defs"]["aspect"]["properties"]["metrics"]["propertyNames"]["enum"] == list(METRICS)


@pytest.mark.parametrize(
    "wrong",
    [
        {"decision": "perhaps"},
        {"decision": "too-few-rows"},
        {"p_value": None},
        {"date": "2026-13-01"},
        {"accuracy": {"status": "estimated"}},
        {"accuracy": {"status": "too-few-rows", "estimated": None}},
        {"further": 1},
    ],
)
def test_a_report_that_is_none_does_not_fit(wrong: dict[str, Any]) -> None:
    example = copy.deepcopy(schema("drift-report")["examples"][0])
    with pytest.raises(jsonschema.ValidationError):
        check("drift-report", example | wrong)


def test_the_manifest_of_a_day_is_what_the_schema_says(bucket: Bucket, tmp_path: Path) -> None:
    found = records(40, 1)
    bucket.put(f"records/date={DAY}/nace-0/0.ndjson", lines(found) + b"{}\nno JSON\n" + lines(found[:3]))
    further = [{**one, "id": f"{one['id']}-2", "further": 1} for one in records(5, 2, "2026-02-01")]
    bucket.put("records/date=2026-02-01/nace-0/0.ndjson", lines(further))
    assert bucket.run("etl").returncode == 0
    manifests = [json.loads(bucket.objects.find(f"manifests/date={day}/manifest.json") or b"") for day in (DAY, "2026-02-01")]
    for manifest in manifests:
        check("manifest", manifest)
    assert manifests[0]["counts"]["quarantined"] == 2 and manifests[0]["counts"]["duplicates"] == 3
    assert manifests[0]["quarantine"] is not None and sum(manifests[0]["reasons"].values()) == 2
    assert manifests[1]["quarantine"] is None and manifests[1]["unknownFields"] == {"further": 5}
    with pytest.raises(jsonschema.ValidationError):
        check("manifest", {name: value for name, value in manifests[0].items() if name != "counts"})

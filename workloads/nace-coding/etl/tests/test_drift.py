"""The check as a program, over a table that the ETL wrote."""

import datetime
import json
from pathlib import Path

import duckdb
import pytest
from conftest import Bucket
from corpus import lines, records
from test_schemas import check as fits

CONFIG = {
    "confidence": {"index": "margin", "threshold": 0.8},
    "nomenclature": "naf2",
    "windows": {"currentDays": 2, "referenceDays": 5},
    "drift": {"permutations": 199, "alpha": 0.05},
}
START = datetime.date(2026, 1, 1)


def fill(bucket: Bucket, days: int, rows: int, changed_from: int = 99, **changed: object) -> None:
    for day in range(days):
        date = str(START + datetime.timedelta(days=day))
        found = records(rows, day + 1, date, **(changed if day >= changed_from else {}))  # type: ignore[arg-type]
        bucket.put(f"records/date={date}/nace-0/0.ndjson", lines(found))
    done = bucket.run("etl")
    assert done.returncode == 0, done.stderr


def check(bucket: Bucket, tmp_path: Path, code: int, config: object = CONFIG, **more: str) -> dict:  # type: ignore[type-arg]
    (tmp_path / "monitoring.json").write_text(json.dumps(config))
    done = bucket.run(
        "drift",
        "--metrics",
        str(tmp_path / "drift.prom"),
        "--decision",
        str(tmp_path / "decision"),
        NACE_CONFIG=str(tmp_path / "monitoring.json"),
        **more,
    )
    assert done.returncode == code, done.stderr
    told = json.loads(done.stdout)
    fits("drift-report", told)
    assert (tmp_path / "decision").read_text() == told["decision"]
    assert json.loads(bucket.objects.find(f"drift/{told['date']}.json") or b"") == told
    return told  # type: ignore[no-any-return]


def gold(bucket: Bucket, tmp_path: Path, found: list[dict[str, object]]) -> None:
    """Annotations of records, by the truth that the generator knows."""
    rows = [(one["id"], one["at"], one["confidence"], one["predictions"][0]["code"], one["_truth"]) for one in found if one["predictions"]]  # type: ignore[index]
    connection = duckdb.connect()
    connection.execute('CREATE TABLE gold (id VARCHAR, "at" TIMESTAMP, confidence DOUBLE, "index" VARCHAR, code_1 VARCHAR, code VARCHAR)')
    connection.executemany("INSERT INTO gold VALUES (?, replace(?, 'Z', '')::TIMESTAMP, ?, 'margin', ?, ?)", rows)
    connection.execute(f"COPY gold TO '{tmp_path / 'gold.parquet'}' (FORMAT parquet)")
    bucket.put("gold/gold.parquet", (tmp_path / "gold.parquet").read_bytes())


def test_nothing_has_changed(bucket: Bucket, tmp_path: Path) -> None:
    fill(bucket, 7, 150)
    told = check(bucket, tmp_path, 0)
    assert told["decision"] == "stable"
    assert (told["windows"]["reference"]["from"], told["windows"]["reference"]["to"], told["windows"]["reference"]["rows"]) == (
        "2026-01-01",
        "2026-01-05",
        750,
    )
    assert (told["windows"]["current"]["from"], told["windows"]["current"]["rows"]) == ("2026-01-06", 300)
    assert [one["name"] for one in told["aspects"]] == ["confidence", *(f"level_{n}" for n in range(1, 6)), "words_per_label", "words"]
    assert 'nace_drift_decision{decision="stable"} 1' in (tmp_path / "drift.prom").read_text()
    # The seed is fixed: the same table gives the same report.
    assert check(bucket, tmp_path, 0) == told


def test_another_language_is_drift(bucket: Bucket, tmp_path: Path) -> None:
    fill(bucket, 7, 150, changed_from=5, language="en")
    told = check(bucket, tmp_path, 3)
    aspects = {one["name"]: one for one in told["aspects"]}
    assert aspects["words"]["drift"]
    assert aspects["words"]["distanceBeyondChance"] > 0.3
    assert {"of", "and"} & {change["name"] for change in aspects["words"]["changes"]}
    text = (tmp_path / "drift.prom").read_text()
    assert 'nace_drift_decision{decision="drift"} 1' in text
    assert 'nace_drift_metric_value{aspect="confidence",metric="kolmogorov_smirnov"}' in text


def test_too_few_rows_are_no_alarm(bucket: Bucket, tmp_path: Path) -> None:
    fill(bucket, 7, 20, changed_from=5, language="en")
    told = check(bucket, tmp_path, 4)
    assert "40 rows, and 50 are needed" in told["reason"]


def test_a_change_that_is_sure_but_small_is_told_and_no_drift(bucket: Bucket, tmp_path: Path) -> None:
    fill(bucket, 7, 150, changed_from=5, language="en")
    told = check(bucket, tmp_path, 0, {**CONFIG, "drift": {**CONFIG["drift"], "minimumDistance": 0.8}})  # type: ignore[dict-item]
    assert told["reason"].startswith("changed for sure, but by less than 0.8: ")


def test_annotations_confirm_the_estimated_accuracy_or_contradict_it(bucket: Bucket, tmp_path: Path) -> None:
    days = [records(200, day + 1, str(START + datetime.timedelta(days=day))) for day in range(7)]
    for found in days:
        bucket.put(f"records/date={str(found[0]['at'])[:10]}/nace-0/0.ndjson", lines(found))
    assert bucket.run("etl").returncode == 0
    assert check(bucket, tmp_path, 0)["accuracy"]["status"] == "no-calibration"
    gold(bucket, tmp_path, [one for found in days for one in found])
    told = check(bucket, tmp_path, 0)["accuracy"]
    assert (told["status"], told["calibration"]) == ("confirmed", "gold set")
    assert told["estimated"]["low"] <= told["observed"]["value"] <= told["estimated"]["high"]
    # What people found unclassifiable is neither right nor wrong, should a gold set have it.
    before = told
    odd = [{**one, "_truth": "XXXXX", "id": f"{one['id']}-odd"} for found in days for one in found]
    gold(bucket, tmp_path, [*(one for found in days for one in found), *odd])
    assert check(bucket, tmp_path, 0)["accuracy"] == before
    # What descriptions mean changes while they look the same: confidences cannot know, annotations do.
    changed = [
        {**one, "_truth": "0113Z" if one["_truth"] == "0111Z" else "0111Z"} if number % 2 else one
        for found in days[5:]
        for number, one in enumerate(found)
    ]
    gold(bucket, tmp_path, [*(one for found in days[:5] for one in found), *changed])
    told = check(bucket, tmp_path, 0)["accuracy"]
    assert told["status"] == "contradicted"
    assert told["observed"]["high"] < told["promised"]["low"]


def test_the_table_of_the_model_is_used(bucket: Bucket, tmp_path: Path) -> None:
    fill(bucket, 7, 100)
    model = {"format": 1, "calibration": {"index": "margin", "points": [{"confidence": 0.5, "probability": 0.6, "rows": 10000}]}}
    (tmp_path / "model.json").write_text(json.dumps(model))
    told = check(bucket, tmp_path, 0, NACE_MODEL=str(tmp_path / "model.json"))["accuracy"]
    assert told["estimated"]["value"] == pytest.approx(0.6, abs=0.001)
    model["calibration"]["index"] = "entropy"  # type: ignore[index]
    (tmp_path / "model.json").write_text(json.dumps(model))
    done = bucket.run("drift", NACE_CONFIG=str(tmp_path / "monitoring.json"), NACE_MODEL=str(tmp_path / "model.json"))
    assert done.returncode == 2
    assert "calibration is of index 'entropy', expected 'margin'" in done.stderr


def test_every_problem_of_the_configuration_is_told_at_once(bucket: Bucket, tmp_path: Path) -> None:
    file = tmp_path / "wrong.json"
    file.write_text(json.dumps({"confidence": {"index": "margin"}, "nomenclature": "isic", "colour": 1, "drift": {"alpha": 2}}))
    done = bucket.run("drift", "--date", "today", NACE_CONFIG=str(file))
    assert done.returncode == 2
    for part in (
        "'threshold' is a required property",
        "'isic' is not one of",
        "'colour' was unexpected",
        "drift.alpha: 2 is greater",
        "--date is 'today'",
    ):
        assert part in done.stderr


def following(count: int, seed: int, date: str, version: str = "9") -> list[dict[str, object]]:
    """Records of a model that gives codes of NACE rev. 2.1: the same descriptions, the same confidences, four characters."""
    found = records(count, seed, date)
    for one in found:
        one |= {"nomenclature": "NACE Rev. 2.1", "model_version": version}
        one["predictions"] = [{**each, "code": each["code"][:4]} for each in one["predictions"]]
    return found


def test_another_nomenclature_is_told_and_no_alarm(bucket: Bucket, tmp_path: Path) -> None:
    for day in range(7):
        date = str(START + datetime.timedelta(days=day))
        # Records of before the field say nothing of their nomenclature, and are of the configured one.
        older = [one | ({"nomenclature": "NAF rev. 2"} if day > 2 else {}) for one in records(150, day + 1, date)]
        bucket.put(f"records/date={date}/nace-0/0.ndjson", lines(older if day < 5 else following(150, day + 1, date)))
    assert bucket.run("etl").returncode == 0
    told = check(bucket, tmp_path, 4)
    assert (told["decision"], told["nomenclature"]) == ("too-few-rows", "NACE Rev. 2.1")
    assert told["reason"] == (
        "the nomenclature changed from NAF rev. 2 to NACE Rev. 2.1, and codes of different ones are not compared: a window has 0 rows of "
        "NACE Rev. 2.1, and 50 are needed"
    )
    reference, current = told["windows"]["reference"], told["windows"]["current"]
    assert (reference["rows"], reference["otherNomenclature"], current["rows"], current["otherNomenclature"]) == (0, 750, 300, 0)


def test_days_of_both_nomenclatures_are_compared_by_the_later_one(bucket: Bucket, tmp_path: Path) -> None:
    days = [str(START + datetime.timedelta(days=day)) for day in range(7)]
    for day, date in enumerate(days):
        found = [one | {"nomenclature": "NAF rev. 2"} for one in records(100, day + 1, date)]
        new = [one | {"id": f"{one['id']}-new"} for one in following(150, day + 20, date)] if day > 2 else []
        bucket.put(f"records/date={date}/nace-0/0.ndjson", lines([*found, *({**one, "at": f"{date}T23:59:59.999Z"} for one in new)]))
    assert bucket.run("etl").returncode == 0
    told = check(bucket, tmp_path, 0)
    assert (told["decision"], told["nomenclature"]) == ("stable", "NACE Rev. 2.1")
    reference, current = told["windows"]["reference"], told["windows"]["current"]
    assert (reference["rows"], reference["otherNomenclature"]) == (2 * 150, 5 * 100)
    assert (current["rows"], current["otherNomenclature"]) == (2 * 150, 2 * 100)


def test_annotations_in_the_old_nomenclature_promise_nothing_of_the_new_model(bucket: Bucket, tmp_path: Path) -> None:
    days = [str(START + datetime.timedelta(days=day)) for day in range(7)]
    old = [one | {"nomenclature": "NAF rev. 2"} for day in range(5) for one in records(200, day + 1, days[day])]
    new = [one for day in (5, 6) for one in following(200, day + 1, days[day])]
    for date in days:
        bucket.put(f"records/date={date}/nace-0/0.ndjson", lines([one for one in old + new if str(one["at"])[:10] == date]))
    assert bucket.run("etl").returncode == 0
    gold(bucket, tmp_path, old)
    assert check(bucket, tmp_path, 4)["accuracy"]["status"] == "no-calibration"

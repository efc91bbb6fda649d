"""A form that people found unclassifiable is no row of a gold set, wherever that comes from."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from conftest import DAY, MARGIN, parquet, record, rows_in, write_records

from nace_annotation.batches import Batch
from nace_annotation.evidence import read_gold
from nace_annotation.gate import compare
from nace_annotation.gold import write_gold
from nace_annotation.settings import Accuracy, Shadow
from nace_annotation.store import Objects
from nace_annotation.table import GOLD
from nace_annotation.verdict import Verdict

COLUMNS = {"code": "VARCHAR", "annotated_at": "TIMESTAMP", "inclusion_probability": "DOUBLE", "occurrences": "BIGINT"}


def gold(folder: Path, codes: list[str]) -> list[dict[str, Any]]:
    """A gold set of records 0, 1 and so on, with these codes."""
    known = {"annotated_at": "2026-01-30 00:00:00", "inclusion_probability": 0.5, "occurrences": 1}
    rows = [record(number, **known, code=code) for number, code in enumerate(codes)]
    parquet(folder / GOLD, rows, COLUMNS)
    return rows


def told(number: int, code: str | None) -> Verdict:
    return Verdict(f"r{number:06d}", "decided" if code else "unclassifiable", code, ("1",), "2026-01-31T08:00:00Z", 2, 1.0)


def test_it_is_not_written_and_does_not_stay(objects: Objects, folder: Path, tmp_path: Path) -> None:
    gold(folder, ["0111Z", "XXXXX", "4711A"])
    batch = Batch(name="b1", kind="sample", nomenclature="NAF rev. 2", gold=GOLD, design={})
    tasks = [record(number, batch="b1", queue="general") for number in (2, 3, 4)]
    parquet(folder / f"{batch.folder}/tasks.parquet", tasks, {"batch": "VARCHAR", "queue": "VARCHAR"})
    verdicts = {each.id: each for each in (told(2, None), told(3, "6201Z"), told(4, None))}
    (tmp_path / "work").mkdir()
    written = write_gold(objects, GOLD, [(batch, verdicts)], tmp_path / "work")
    (tmp_path / "gold.parquet").write_bytes(written[GOLD])
    assert [(row["id"], row["code"]) for row in rows_in(tmp_path / "gold.parquet")] == [("r000000", "0111Z"), ("r000003", "6201Z")]


def test_it_is_neither_right_nor_wrong_nor_new(objects: Objects, folder: Path) -> None:
    right = [record(number)["code_1"] for number in range(10)]
    gold(folder, right + ["XXXXX"] * 10)
    settings = Accuracy.model_validate({"of": "all", "required": 0.5, "days": 30, "minimumRows": 1})
    now = datetime(2026, 2, 1, tzinfo=UTC)
    estimate, new = read_gold(objects, now, "3", now - timedelta(days=30), settings, MARGIN)
    assert (estimate.rows, estimate.accuracy, new) == (10, 1.0, 10)


def test_it_says_nothing_of_which_version_is_better(objects: Objects, folder: Path) -> None:
    gold(folder, ["0112Z", "XXXXX", "XXXXX"])
    rows = [record(number, code_1="0111Z", shadow_version="4", shadow_code_1="0112Z", shadow_confidence=0.9) for number in range(3)]
    write_records(folder, rows)
    shadow = Shadow.model_validate({"days": 1, "minimumRows": 1, "minimumAnnotated": 1})
    found = compare(objects, shadow, MARGIN, "3", "4", DAY)
    assert (found.records, found.annotated, found.better, found.worse) == (3, 1, 1, 0)

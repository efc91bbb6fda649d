"""A store in a folder, and records with what can be told about them."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from nace_annotation.settings import Confidence, Store
from nace_annotation.store import Objects, open_store

COLUMNS = {
    "schema": "INTEGER", "id": "VARCHAR", "request": "VARCHAR", "row": "INTEGER", "at": "TIMESTAMP", "replica": "VARCHAR",
    "route": "VARCHAR", "model_name": "VARCHAR", "model_version": "VARCHAR", "text": "VARCHAR", "text_clean": "VARCHAR",
    "type": "VARCHAR", "nature": "VARCHAR", "surface": "VARCHAR", "event": "VARCHAR", "cj": "VARCHAR", "permanence": "VARCHAR",
    **{f"{name}_{rank}": kind for rank in range(1, 6) for name, kind in (("code", "VARCHAR"), ("probability", "DOUBLE"))},
    "confidence": "DOUBLE", "index": "VARCHAR", "threshold": "DOUBLE", "decision": "VARCHAR", "reason": "VARCHAR",
    "shadow_version": "VARCHAR",
    **{f"shadow_{name}_{rank}": kind for rank in range(1, 6) for name, kind in (("code", "VARCHAR"), ("probability", "DOUBLE"))},
    "shadow_confidence": "DOUBLE", "nomenclature": "VARCHAR", "shadow_nomenclature": "VARCHAR",
}  # fmt: skip
DAY = date(2026, 1, 31)
TITLES = Path(__file__).parents[1] / "nace_annotation/data/titles.json"
MARGIN = Confidence(index="margin", threshold=0.5)
CODES = ("0111Z", "0112Z", "4711A", "5610A", "6201Z", "9602A")


def labels() -> bytes:
    """The `labels.json` of a model of the whole NAF rev. 2."""
    titles: dict[str, str] = json.loads(TITLES.read_text(encoding="utf-8"))["naf2"]
    found, section = {}, ""
    for code, title in titles.items():
        section = code if code.isalpha() else section
        if len(code) == 5:
            found[code] = {"label": title, "levels": [section, code[:2], code[:3], code[:4], code]}
    return json.dumps({"nomenclature": "NAF rev. 2", "labels": found}).encode()


def record(number: int, **given: Any) -> dict[str, Any]:
    """A record; what is not given follows from its number."""
    best = given.pop("code_1", CODES[number % len(CODES)])
    probability = given.pop("probability_1", 0.6)
    row: dict[str, Any] = dict.fromkeys(COLUMNS)
    row.update(
        schema=1, id=f"r{number:06d}", request=f"q{number}", row=0, replica="a", route="/predict", model_name="FastText-APE",
        at=datetime(2026, 1, 31, 8) + timedelta(seconds=number), model_version="3", text=f"Activité {number}",
        text_clean=f"activit {number}", type="A", code_1=best, probability_1=probability,
        code_2=next(code for code in CODES if code != best), probability_2=0.1, confidence=probability - 0.1, index="margin",
        threshold=0.5, decision="auto" if probability >= 0.6 else "manual",
    )  # fmt: skip
    return row | given


def parquet(file: Path, rows: list[dict[str, Any]], more: dict[str, str] | None = None) -> None:
    """Writes rows as a table of records, with more columns when given."""
    columns = COLUMNS | (more or {})
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = file.with_suffix(".ndjson")
    lines.write_text("".join(json.dumps(row, default=str) + "\n" for row in rows))
    listed = ", ".join(f"'{name}': '{kind}'" for name, kind in columns.items())
    duckdb.sql(f"COPY (FROM read_json('{lines}', columns = {{{listed}}}, format = 'newline_delimited')) TO '{file}' (FORMAT parquet)")
    lines.unlink()


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    """A store of its own."""
    return open_store(Store(url=f"file://{tmp_path}/store"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where that store has its objects."""
    return tmp_path / "store"


def write_records(folder: Path, rows: list[dict[str, Any]], day: date = DAY) -> None:
    """The table of a day."""
    parquet(folder / f"parquet/date={day}/records.parquet", rows)


def rows_in(file: Path) -> list[dict[str, Any]]:
    """The rows of a Parquet file."""
    relation = duckdb.sql(f"FROM '{file}'")
    return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]

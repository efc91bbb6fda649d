"""What speaks for a retraining: drift, accuracy, new annotations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import sqrt
from pathlib import Path
from statistics import NormalDist
from tempfile import TemporaryDirectory
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .problems import Problems
from .settings import Accuracy, Confidence
from .store import Objects
from .table import GOLD, connect, gold_view, rows_of


class _Band(BaseModel):
    value: float
    low: float
    high: float
    rows: int


class _Promised(BaseModel):
    """Accuracy as confidences promise it, and whether annotations agree."""

    model_config = ConfigDict(extra="ignore")
    status: str
    estimated: _Band | None = None
    estimated_automatic: _Band | None = Field(default=None, alias="estimatedAutomatic")


class DriftReport(BaseModel):
    """What is read of `drift/<date>.json` (`etl/`)."""

    model_config = ConfigDict(extra="ignore")
    date: date
    decision: Literal["drift", "stable", "too-few-rows"]
    accuracy: _Promised | None = None


@dataclass(frozen=True)
class Drift:
    """What the reports of the last days decided, whether all of them say drift, and the accuracy that confidences promise in the latest."""

    decisions: dict[str, str]
    sustained: bool
    promised: "Estimate | None"


@dataclass(frozen=True)
class Estimate:
    """
    Accuracy by what people said, weighted so that it stands for all records, with Wilson's interval for as many rows as the weights are
    worth (Kish).
    """

    rows: int
    accuracy: float | None
    lower: float | None
    upper: float | None
    verdict: Literal["lost", "holds", "too-few-rows"]


def _promise(report: DriftReport | None, settings: Accuracy) -> Estimate | None:
    """The promise of a report, unless annotations contradict it."""
    told = report.accuracy if report else None
    band = (told.estimated_automatic if settings.of == "automatic" else told.estimated) if told else None
    if told is None or band is None or told.status == "contradicted":
        return None
    return Estimate(band.rows, band.value, band.low, band.high, "lost" if band.high < settings.required else "holds")


def read_drift(objects: Objects, last: date, days: int, settings: Accuracy) -> Drift:
    """
    Reads the reports of the last days: they count from the latest report on, which may be of the day before.

    :raises Problems: when a report cannot be read
    """
    problems = []
    reports: dict[date, DriftReport] = {}
    for back in range(days + 1):
        day = last - timedelta(days=back)
        key = f"drift/{day.isoformat()}.json"
        content = objects.get(key)
        if content is None:
            continue
        try:
            reports[day] = DriftReport.model_validate_json(content)
        except ValidationError as invalid:
            problems += [
                f"{objects.name(key)}: {'.'.join(map(str, each['loc']))}: {each['msg']}; write the report anew" for each in invalid.errors()
            ]
    if problems:
        raise Problems(problems)
    latest = max(reports, default=last)
    wanted = [latest - timedelta(days=back) for back in reversed(range(days))]
    shown = {day.isoformat(): reports[day].decision if day in reports else "no-report" for day in wanted}
    sustained = all(decision == "drift" for decision in shown.values())
    return Drift(shown, sustained, _promise(reports.get(latest), settings))


def estimate(rows: Sequence[tuple[float, bool]], settings: Accuracy) -> Estimate:
    """
    The accuracy of rows, each with its weight and whether it was right.
    """
    if len(rows) < settings.minimum_rows:
        return Estimate(len(rows), None, None, None, "too-few-rows")
    total = sum(weight for weight, _ in rows)
    accuracy = sum(weight for weight, right in rows if right) / total
    size = total**2 / sum(weight**2 for weight, _ in rows)
    z = NormalDist().inv_cdf(settings.confidence)
    middle = (accuracy + z * z / (2 * size)) / (1 + z * z / size)
    half = z * sqrt(accuracy * (1 - accuracy) / size + z * z / (4 * size * size)) / (1 + z * z / size)
    return Estimate(len(rows), accuracy, middle - half, middle + half, "lost" if middle + half < settings.required else "holds")


def read_gold(
    objects: Objects, now: datetime, version: str, since: datetime, settings: Accuracy, confidence: Confidence
) -> tuple[Estimate, int]:
    """
    The accuracy of a version on the rows that people coded, and how many of those came since it was made. Rows that were not drawn with
    a known probability say nothing about all records, and are not part of the estimate.

    :raises Problems: when the gold set has another index of confidence
    """
    with TemporaryDirectory() as temporary, connect() as connection:
        file = objects.fetch(GOLD, Path(temporary))
        if file is None:
            return estimate([], settings), 0
        gold_view(connection, "gold", file, ["at", "annotated_at", "code_1", "model_version", "confidence", "index"])
        known = {str(row[0]) for row in connection.execute("DESCRIBE gold").fetchall()}
        weight = "coalesce(occurrences, 1) / inclusion_probability" if {"occurrences", "inclusion_probability"} <= known else "NULL"
        automatic = "AND confidence >= ?" if settings.of == "automatic" else "AND ? IS NOT NULL"
        parameters: list[Any] = [version, (now - timedelta(days=settings.days)).replace(tzinfo=None), confidence.threshold]
        query = f"""SELECT {weight} AS weight, code_1 = code AS right, index FROM gold
            WHERE model_version = ? AND "at" >= ? {automatic} AND {weight} IS NOT NULL ORDER BY id"""
        found = rows_of(connection, query, parameters)
        others = sorted({row["index"] for row in found} - {confidence.index})
        if others:
            raise Problems([f"{objects.name(GOLD)}: index: given {', '.join(others)}, expected {confidence.index}; make the gold set anew"])
        new = connection.execute("SELECT count(*) FROM gold WHERE annotated_at > ?", [since.replace(tzinfo=None)]).fetchone()
        return estimate([(float(row["weight"]), bool(row["right"])) for row in found], settings), int(new[0]) if new else 0

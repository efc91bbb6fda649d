"""Two windows of the table of records, and the gold set, read over S3."""

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from .accuracy import LEAST_ANNOTATED, Calibration, calibrate, calibration_of
from .configuration import Configuration
from .features import Rows
from .problems import BadInput
from .settings import Store
from .store import Objects, literal

UNCLASSIFIABLE = "XXXXX"
"""What people answer where they can give no code; no row of a gold set."""


@dataclass(frozen=True)
class Window:
    """A stretch of days."""

    start: datetime.date
    end: datetime.date
    total: int
    """Rows of the table."""
    automatic: float
    """Share that reaches the threshold; NaN without rows."""
    foreign: int
    """Rows of another index, which are left out: their confidence is another measure."""
    rows: Rows
    """What is compared: at most as many rows as the configuration allows."""


def dates(objects: Objects) -> list[str]:
    """The days that the table has."""
    return [folder.removeprefix("date=") for folder in objects.folders("parquet/") if folder.startswith("date=")]


def read_windows(
    connection: duckdb.DuckDBPyConnection, objects: Objects, configuration: Configuration, date: str | None
) -> tuple[Window, Window]:
    """The reference and the current window.

    :param date: the last day of the current window; None is the last of the table
    :raises BadInput: when the table has no day
    """
    days = dates(objects)
    last = date or (days[-1] if days else None)
    if last is None:
        raise BadInput([f"{objects.store.url('parquet/')} has no day: run `python -m nace_monitoring etl` first"])
    end = datetime.date.fromisoformat(last)
    start = end - datetime.timedelta(days=configuration.current_days - 1)
    if configuration.reference:
        since, until = (datetime.date.fromisoformat(day) for day in configuration.reference)
    else:
        until = start - datetime.timedelta(days=1)
        since = until - datetime.timedelta(days=configuration.reference_days - 1)
    return tuple(_read(connection, objects.store, configuration, days, one, other) for one, other in ((since, until), (start, end)))  # type: ignore[return-value]


def _read(
    connection: duckdb.DuckDBPyConnection,
    store: Store,
    configuration: Configuration,
    days: list[str],
    start: datetime.date,
    end: datetime.date,
) -> Window:
    files = [store.url(f"parquet/date={day}/records.parquet") for day in days if str(start) <= day <= str(end)]
    if not files:
        return Window(start, end, 0, float("nan"), 0, Rows([], np.array([]), np.array([]), []))
    table = f"read_parquet([{', '.join(literal(file) for file in files)}], hive_partitioning = false)"
    index = literal(configuration.index)
    [(total, automatic, foreign)] = connection.execute(
        f"""SELECT count(*) FILTER ("index" = {index}),
            avg((code_1 IS NOT NULL AND confidence >= {configuration.threshold})::INT) FILTER ("index" = {index}), count(*) FILTER ("index" <> {index}) FROM {table}"""
    ).fetchall()
    # The hash takes rows of every day and replica, the same ones each time.
    found = connection.execute(
        f"""SELECT code_1, CASE WHEN code_1 IS NOT NULL THEN least(1, confidence) END AS confidence, words::DOUBLE AS words, text_clean
            FROM {table} WHERE "index" = {index} ORDER BY hash(id), id LIMIT {configuration.maximum_rows}"""
    ).fetchnumpy()
    return Window(
        start,
        end,
        int(total),
        float("nan") if automatic is None else float(automatic),
        int(foreign),
        Rows(_texts(found["code_1"]), _numbers(found["confidence"]), _numbers(found["words"]), _texts(found["text_clean"])),
    )


def _texts(column: NDArray[np.object_]) -> list[str | None]:
    return [value if isinstance(value, str) else None for value in np.ma.filled(np.ma.asarray(column, dtype=object), None)]


def _numbers(column: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.ma.filled(np.ma.asarray(column, dtype=np.float64), np.nan)


@dataclass(frozen=True)
class Annotated:
    """Rows that people have coded."""

    date: NDArray[np.object_]
    confidence: NDArray[np.float64]
    correct: NDArray[np.bool_]

    def between(self, start: datetime.date, end: datetime.date) -> "Annotated":
        """The rows that were answered from the start to the end."""
        chosen = np.array([start <= day <= end for day in self.date], bool)
        return Annotated(self.date[chosen], self.confidence[chosen], self.correct[chosen])

    def before(self, day: datetime.date) -> "Annotated":
        """The rows that were answered before a day."""
        return self.between(datetime.date.min, day - datetime.timedelta(days=1))


def read_annotated(connection: duckdb.DuckDBPyConnection, objects: Objects, configuration: Configuration) -> Annotated:
    """The gold set as far as a model answered with this index; empty when there is none. What people found unclassifiable is neither right
    nor wrong, and left out."""
    if objects.digest("gold/gold.parquet") is None:
        return Annotated(np.array([], object), np.array([]), np.array([], bool))
    found = connection.execute(
        f"""SELECT "at"::DATE AS date, least(1, confidence) AS confidence, code_1 = code AS correct FROM read_parquet({literal(objects.store.url("gold/gold.parquet"))})
            WHERE "index" = {literal(configuration.index)} AND code_1 IS NOT NULL AND code <> {literal(UNCLASSIFIABLE)} ORDER BY id"""
    ).fetchall()
    return Annotated(
        np.array([row[0] for row in found], object), np.array([row[1] for row in found], float), np.array([row[2] for row in found], bool)
    )


def read_calibration(
    environment: Mapping[str, str], objects: Objects, annotated: Annotated, before: datetime.date, configuration: Configuration
) -> Calibration | None:
    """The table of the model that is served (`NACE_MODEL`, its model.json as a file or below the prefix), or one of rows that were annotated
    before the current window; None when there is neither.

    :raises BadInput: when the file is no model.json, or its table of another index
    """
    place = environment.get("NACE_MODEL")
    if place:
        content = Path(place).read_bytes() if Path(place).is_file() else objects.find(place)
        if content is None:
            raise BadInput([f"NACE_MODEL is {place!r}: neither a file nor an object below {objects.store.url('')}"])
        try:
            told = json.loads(content).get("calibration")
        except (ValueError, AttributeError) as error:
            raise BadInput([f"{place}: {error}: expected the model.json of a model"]) from error
        if isinstance(told, dict) and told.get("index") != configuration.index:
            raise BadInput(
                [f"{place}: calibration is of index {told.get('index')!r}, expected {configuration.index!r} as the configuration says"]
            )
        if told is not None:
            return calibration_of(told, place)
    earlier = annotated.before(before)
    if len(earlier.correct) < LEAST_ANNOTATED:
        return None
    return calibrate(earlier.confidence, earlier.correct, "gold set")

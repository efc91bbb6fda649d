"""Two windows of the table of records, and the gold set, read over S3."""

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
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
    """Rows of the table with the index and the nomenclature that are compared."""
    automatic: float
    """Share that reaches the threshold; NaN without rows."""
    foreign: int
    """Rows of another index, which are left out: their confidence is another measure."""
    rows: Rows
    """What is compared: at most as many rows as the configuration allows."""
    nomenclature: str = ""
    """What the codes that are compared are of."""
    others: Mapping[str, int] = field(default_factory=dict)
    """Rows of other nomenclatures, by their names, which are left out: another model gave them other codes with another confidence."""


def dates(objects: Objects) -> list[str]:
    """The days that the table has."""
    return [folder.removeprefix("date=") for folder in objects.folders("parquet/") if folder.startswith("date=")]


def read_windows(
    connection: duckdb.DuckDBPyConnection, objects: Objects, configuration: Configuration, date: str | None
) -> tuple[Window, Window]:
    """The reference and the current window, of the nomenclature that the last record of the current one has.

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
    before, now = (_table(connection, objects.store, configuration, days, one, other) for one, other in ((since, until), (start, end)))
    nomenclature = configuration.nomenclature_name
    if now is not None:
        index = literal(configuration.index)
        [(latest,)] = connection.execute(f"""SELECT arg_max(nomenclature, ("at", id)) FROM {now} WHERE "index" = {index}""").fetchall()
        nomenclature = latest or nomenclature
    return (
        _read(connection, configuration, before, since, until, nomenclature),
        _read(connection, configuration, now, start, end, nomenclature),
    )


def named(connection: duckdb.DuckDBPyConnection, source: str, otherwise: str) -> str:
    """A table whose column `nomenclature` has a value in each row: what is older than the column has another one's."""
    there = {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
    if "nomenclature" not in there:
        return f"(SELECT *, {literal(otherwise)} AS nomenclature FROM {source})"
    return f"(SELECT * REPLACE (coalesce(nomenclature, {literal(otherwise)}) AS nomenclature) FROM {source})"


def _table(
    connection: duckdb.DuckDBPyConnection,
    store: Store,
    configuration: Configuration,
    days: list[str],
    start: datetime.date,
    end: datetime.date,
) -> str | None:
    """The records of some days as SQL reads them; None when there are none."""
    files = [store.url(f"parquet/date={day}/records.parquet") for day in days if str(start) <= day <= str(end)]
    if not files:
        return None
    listed = ", ".join(literal(file) for file in files)
    # Days of before a column was added have fewer.
    source = f"read_parquet([{listed}], hive_partitioning = false, union_by_name = true)"
    return named(connection, source, configuration.nomenclature_name)


def _read(
    connection: duckdb.DuckDBPyConnection,
    configuration: Configuration,
    table: str | None,
    start: datetime.date,
    end: datetime.date,
    nomenclature: str,
) -> Window:
    if table is None:
        return Window(start, end, 0, float("nan"), 0, Rows([], np.array([]), np.array([]), []), nomenclature)
    index, name = literal(configuration.index), literal(nomenclature)
    ours = f""""index" = {index} AND nomenclature = {name}"""
    [(total, automatic, foreign)] = connection.execute(
        f"""SELECT count(*) FILTER ({ours}),
            avg((code_1 IS NOT NULL AND confidence >= {configuration.threshold})::INT) FILTER ({ours}), count(*) FILTER ("index" <> {index}) FROM {table}"""
    ).fetchall()
    others = connection.execute(
        f"""SELECT nomenclature, count(*) FROM {table} WHERE "index" = {index} AND nomenclature <> {name} GROUP BY ALL ORDER BY ALL"""
    ).fetchall()
    # The hash takes rows of every day and replica, the same ones each time.
    found = connection.execute(
        f"""SELECT code_1, CASE WHEN code_1 IS NOT NULL THEN least(1, confidence) END AS confidence, words::DOUBLE AS words, text_clean
            FROM {table} WHERE {ours} ORDER BY hash(id), id LIMIT {configuration.maximum_rows}"""
    ).fetchnumpy()
    return Window(
        start,
        end,
        int(total),
        float("nan") if automatic is None else float(automatic),
        int(foreign),
        Rows(_texts(found["code_1"]), _numbers(found["confidence"]), _numbers(found["words"]), _texts(found["text_clean"])),
        nomenclature,
        {str(other): int(rows) for other, rows in others},
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


def read_annotated(connection: duckdb.DuckDBPyConnection, objects: Objects, configuration: Configuration, nomenclature: str) -> Annotated:
    """The gold set as far as a model answered with this index in this nomenclature; empty when there is none. What people found
    unclassifiable is neither right nor wrong, and left out."""
    if objects.digest("gold/gold.parquet") is None:
        return Annotated(np.array([], object), np.array([]), np.array([], bool))
    gold = named(connection, f"read_parquet({literal(objects.store.url('gold/gold.parquet'))})", configuration.nomenclature_name)
    found = connection.execute(
        f"""SELECT "at"::DATE AS date, least(1, confidence) AS confidence, code_1 = code AS correct FROM {gold}
            WHERE "index" = {literal(configuration.index)} AND nomenclature = {literal(nomenclature)} AND code_1 IS NOT NULL AND code <> {literal(UNCLASSIFIABLE)} ORDER BY id"""
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

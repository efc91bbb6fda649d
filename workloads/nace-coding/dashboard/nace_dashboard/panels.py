"""All panels as files of JSON, for the pages."""

import datetime
import io
import json
import math
import os
import zipfile
from collections.abc import Mapping
from decimal import Decimal

import duckdb

from .configuration import configuration_of
from .database import connect, has_days, literal, open_views, panels, rows_of


def _plain(value: object) -> object:
    if isinstance(value, datetime.date | datetime.datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{value!r} of type {type(value).__name__} is no value of a panel")


def text_of(value: object) -> str:
    """JSON; a number that is none becomes null."""
    if isinstance(value, list):
        value = [
            {name: None if isinstance(cell, float) and not math.isfinite(cell) else cell for name, cell in row.items()} for row in value
        ]
    return json.dumps(value, default=_plain, ensure_ascii=False, allow_nan=False)


def drift_reports(connection: duckdb.DuckDBPyConnection, data: str) -> list[dict[str, object]]:
    """What the drift checks decided, by date."""
    place = f"{data.rstrip('/')}/drift/*.json"
    held = connection.execute("SELECT count(*) FROM glob(?)", [place]).fetchone()
    if not held or not held[0]:
        return []
    found = connection.execute(f"SELECT content FROM read_text({literal(place)}) ORDER BY filename").fetchall()
    return [
        {
            "date": told["date"],
            "decision": told["decision"],
            "reason": told["reason"],
            "p_value": told.get("p_value"),
            "accuracy": told.get("accuracy", {}).get("estimated"),
            "aspects": [
                {"name": one["name"], "p_value": one["p_value"], "drift": one["drift"], "metrics": one["metrics"]}
                for one in told.get("aspects", [])
            ],
        }
        for told in (json.loads(content) for (content,) in found)
    ]


def archive(environment: Mapping[str, str] = os.environ) -> bytes:
    """Every panel, the drift reports and the settings, as one ZIP file. Before the first day of records the panels have no rows, and
    `records` of the settings is false.

    :raises BadInput: when configuration, environment or table cannot be used
    :raises duckdb.Error: when the store cannot be read
    """
    configuration = configuration_of(environment)
    connection = connect(environment)
    data = environment["NACE_DATA"]
    records = has_days(connection, data)
    parameters: dict[str, object] = {"index": configuration.index, "threshold": configuration.threshold}
    files = {f"{panel}.json": "[]" for panel in (*panels(), "drift")}
    if records:
        parameters = open_views(connection, configuration, data)
        files = {f"{panel}.json": text_of(rows_of(connection, panel, parameters)) for panel in panels()}
        files["drift.json"] = text_of(drift_reports(connection, data))
    files["settings.json"] = json.dumps(
        {
            **parameters,
            "records": records,
            "nomenclature": configuration.nomenclature,
            "language": configuration.language,
            "rendered": datetime.datetime.now(datetime.UTC),
        },
        default=_plain,
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in files.items():
            packed.writestr(name, text)
    return buffer.getvalue()

"""Tables in Parquet, read and written by DuckDB."""

import json
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from .nomenclature import UNCLASSIFIABLE
from .problems import Problems
from .store import Objects

GOLD = "gold/gold.parquet"
#: Fields of a form, beside its text.
FORM = ("type", "nature", "surface", "event", "cj", "permanence")
#: Columns that every table of records has (`etl/schemas/columns.json`).
NEEDED = ("id", "at", "model_name", "model_version", "text", "text_clean", *FORM, "confidence", "index", "decision")
PREDICTED = tuple(f"{name}_{rank}" for rank in range(1, 6) for name in ("code", "probability"))
SHADOW = ("shadow_version", "shadow_code_1", "shadow_confidence")
#: Of the codes of a record, and of those of the version beside it; null of records and gold sets that are older than these columns.
NOMENCLATURES = ("nomenclature", "shadow_nomenclature")
#: One text for each distinct form: two records with the same one are the same question to a person.
FORM_KEY = "md5(to_json([text_clean, {}])::VARCHAR)".format(", ".join(FORM))

Row = dict[str, Any]


def connect() -> duckdb.DuckDBPyConnection:
    """A database in memory, in which times are UTC and nothing is fetched."""
    connection = duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def quoted(name: str | Path) -> str:
    """A text of SQL."""
    return "'" + str(name).replace("'", "''") + "'"


def days_until(last: date, count: int) -> list[date]:
    """As many days, the last one of them given, in order."""
    return [last - timedelta(days=back) for back in reversed(range(count))]


def fetch_records(objects: Objects, last: date, count: int, folder: Path) -> list[Path]:
    """Copies the tables of some days to this machine; days without one are left out."""
    keys = [f"parquet/date={day.isoformat()}/records.parquet" for day in days_until(last, count)]
    return [file for key in keys if (file := objects.fetch(key, folder)) is not None]


def view(connection: duckdb.DuckDBPyConnection, name: str, files: Sequence[Path], needed: Iterable[str]) -> None:
    """
    Makes a view of files.

    :raises Problems: when columns are missing
    """
    listed = ", ".join(map(quoted, files))
    # Names and files are this program's own; nothing of a record comes into the text of a query.
    connection.execute(
        f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"
    )
    found = {row[0] for row in connection.execute(f"DESCRIBE {name}").fetchall()}
    absent = [column for column in needed if column not in found]
    if absent:
        names = ", ".join(file.name.replace("__", "/") for file in files[:3])
        raise Problems(f"{names}: column {column}: is missing; write the table anew (etl/schemas/columns.json)" for column in absent)


def gold_view(connection: duckdb.DuckDBPyConnection, name: str, file: Path, needed: Iterable[str]) -> None:
    """
    Makes a view of a gold set. A gold set has no forms that people found unclassifiable; of one from elsewhere that has, they are left out,
    for no code is right for them. `nomenclature` is that of the codes that people gave, null where nobody wrote it.

    :raises Problems: when columns are missing
    """
    view(connection, f"all_{name}", [file], ["code", *needed])
    more = _with(connection, f"all_{name}", ["nomenclature"])
    connection.execute(f"CREATE OR REPLACE VIEW {name} AS SELECT *{more} FROM all_{name} WHERE code <> {quoted(UNCLASSIFIABLE)}")


def records_view(connection: duckdb.DuckDBPyConnection, name: str, files: Sequence[Path], needed: Iterable[str]) -> None:
    """
    Makes a view of tables of records, with the columns of the nomenclatures also where no table has them.

    :raises Problems: when columns are missing
    """
    view(connection, f"all_{name}", files, needed)
    connection.execute(f"CREATE OR REPLACE VIEW {name} AS SELECT *{_with(connection, f'all_{name}', NOMENCLATURES)} FROM all_{name}")


def _with(connection: duckdb.DuckDBPyConnection, name: str, wanted: Iterable[str]) -> str:
    """Columns without a value, as many as a table lacks."""
    found = {row[0] for row in connection.execute(f"DESCRIBE {name}").fetchall()}
    return "".join(f", NULL::VARCHAR AS {column}" for column in wanted if column not in found)


def rows_of(connection: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[Any] = ()) -> list[Row]:
    """The rows of a query by their columns."""
    answer = connection.execute(query, parameters)
    columns = [each[0] for each in answer.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in answer.fetchall()]


def parquet_of(connection: duckdb.DuckDBPyConnection, query: str) -> bytes:
    """A query's rows as a Parquet file; the same rows in the same order give the same bytes."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "table.parquet"
        connection.execute("SET threads = 1")
        connection.execute(f"COPY ({query}) TO {quoted(file)} (FORMAT parquet, COMPRESSION zstd)")
        return file.read_bytes()


def json_of(document: Any) -> bytes:
    """A document as JSON; the same document gives the same bytes."""
    return (json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True, default=str) + "\n").encode()

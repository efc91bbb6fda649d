"""DuckDB with the views that the SQL of the panels reads."""

import datetime
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import duckdb

from .configuration import BadInput, Configuration

ROOT = Path(__file__).resolve().parent.parent
NAMES = {"naf2": "NAF rev. 2", "nace2": "NACE Rev. 2", "nace21": "NACE Rev. 2.1"}
"""What records call the nomenclatures whose codes can be told."""
EMPTY_GOLD = """SELECT *, NULL::VARCHAR AS code, NULL::TIMESTAMP AS annotated_at, NULL::VARCHAR AS annotator FROM all_records LIMIT 0"""


def literal(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def extension() -> Path:
    """The httpfs extension that the package duckdb-ext-httpfs brings for this version of DuckDB."""
    import duckdb_ext  # type: ignore[import-untyped]

    for root in duckdb_ext.__path__:
        for found in sorted(Path(root).glob(f"extensions/v{duckdb.__version__}/*/httpfs.duckdb_extension")):
            return found
    raise BadInput([f"no httpfs extension for DuckDB {duckdb.__version__}: install duckdb-ext-httpfs of that version"])


def connect(environment: Mapping[str, str] = os.environ) -> duckdb.DuckDBPyConnection:
    """DuckDB that reads where `NACE_DATA` lies, `s3://BUCKET/FOLDER` or a folder; nothing is downloaded.

    :raises BadInput: with every problem of the environment
    """
    connection = duckdb.connect(config={"autoinstall_known_extensions": False, "allow_community_extensions": False})
    data = environment.get("NACE_DATA", "")
    if not data.startswith("s3://"):
        if not data or not Path(data).is_dir():
            raise BadInput([f"NACE_DATA is {data!r}: expected s3://BUCKET/FOLDER, or a folder"])
        return connection
    missing = [name for name in ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY") if not environment.get(name)]
    if missing:
        raise BadInput([f"environment variable {name} is missing" for name in missing])
    endpoint = urlsplit(environment["AWS_ENDPOINT_URL"])
    connection.execute(f"LOAD {literal(str(extension()))}")
    connection.execute("SET enable_server_cert_verification = true")
    if environment.get("AWS_CA_BUNDLE"):
        connection.execute(f"SET ca_cert_file = {literal(environment['AWS_CA_BUNDLE'])}")
    token = environment.get("AWS_SESSION_TOKEN")
    connection.execute(
        f"CREATE SECRET store (TYPE s3, KEY_ID {literal(environment['AWS_ACCESS_KEY_ID'])}, SECRET {literal(environment['AWS_SECRET_ACCESS_KEY'])}, "
        + (f"SESSION_TOKEN {literal(token)}, " if token else "")
        + f"REGION {literal(environment.get('AWS_REGION') or environment.get('AWS_DEFAULT_REGION') or 'us-east-1')}, "
        f"ENDPOINT {literal(endpoint.netloc)}, USE_SSL {str(endpoint.scheme == 'https').lower()}, "
        f"URL_STYLE '{'vhost' if environment.get('NACE_S3_PATH_STYLE') == 'false' else 'path'}')"
    )
    return connection


def has_days(connection: duckdb.DuckDBPyConnection, data: str) -> bool:
    """Whether the table of records has a day.

    :raises duckdb.Error: when nobody can say, such as of a store that does not answer
    """
    held = connection.execute("SELECT count(*) FROM glob(?)", [f"{data.rstrip('/')}/parquet/date=*/records.parquet"]).fetchone()
    return bool(held and held[0])


def open_views(connection: duckdb.DuckDBPyConnection, configuration: Configuration, data: str) -> dict[str, object]:
    """Makes the views, and returns the parameters that the SQL may ask for.

    `all_records` is the table; `records` those of the configured index, with a confidence of at most 1 and none where no model was asked; `gold`
    the annotated ones alike; `words`, `nomenclature` and `code_levels` beside them. Each row says what its codes are of: after a revision the
    table has records of both nomenclatures.

    :raises BadInput: when there is no table
    """
    data = data.rstrip("/")
    try:
        connection.execute(
            f"CREATE VIEW all_records AS SELECT * FROM read_parquet({literal(data + '/parquet/date=*/records.parquet')}, hive_partitioning = true, union_by_name = true)"
        )
        [(last,)] = connection.execute("SELECT max(date) FROM all_records").fetchall()
    except duckdb.IOException as error:
        raise BadInput([f"{data}/parquet/ has no day ({str(error).splitlines()[0]}): run the ETL first"]) from error
    _view_of(connection, "records", "all_records", configuration)
    connection.execute(
        f"CREATE VIEW words AS SELECT word, rows, date FROM read_parquet({literal(data + '/words/date=*/words.parquet')}, hive_partitioning = true)"
    )
    gold = f"{data}/gold/gold.parquet"
    source = f"read_parquet({literal(gold)})" if _is_there(connection, gold) else f"({EMPTY_GOLD})"
    # The gold set has no unclassifiable forms; of one that has, they are left out, for they are neither right nor wrong.
    connection.execute(f"CREATE VIEW annotated AS SELECT * FROM {source} WHERE code IS NOT NULL AND code <> 'XXXXX'")
    _view_of(connection, "gold", "annotated", configuration)
    _open_nomenclatures(connection)
    latest = connection.execute("""SELECT arg_max(nomenclature, ("at", id)) FROM records""").fetchone()
    end = last or datetime.date.today()
    start = end - datetime.timedelta(days=configuration.current_days - 1)
    until = start - datetime.timedelta(days=1)
    since = until - datetime.timedelta(days=configuration.reference_days - 1)
    if configuration.reference:
        since, until = (datetime.date.fromisoformat(day) for day in configuration.reference)
    return {
        "index": configuration.index,
        "threshold": configuration.threshold,
        "reference_from": since,
        "reference_to": until,
        "current_from": start,
        "current_to": end,
        "current_nomenclature": (latest and latest[0]) or NAMES[configuration.nomenclature],
    }


def _view_of(connection: duckdb.DuckDBPyConnection, name: str, source: str, configuration: Configuration) -> None:
    """Rows of the configured index; their nomenclature is the configured one where they are older than that column, or where it is none of `NAMES`."""
    there = {row[0] for row in connection.execute(f"DESCRIBE {source}").fetchall()}
    known = ", ".join(map(literal, NAMES.values()))
    ours = literal(NAMES[configuration.nomenclature])
    kept = ["CASE WHEN code_1 IS NOT NULL THEN least(1, confidence) END AS confidence"]
    added = []
    for column, otherwise in (("nomenclature", ours), ("shadow_nomenclature", "NULL")):
        value = f"CASE WHEN {column} IN ({known}) THEN {column} ELSE {otherwise} END AS {column}"
        kept += [value] if column in there else []
        added += [] if column in there else [f", {otherwise}::VARCHAR AS {column}"]
    connection.execute(
        f"""CREATE VIEW {name} AS SELECT * REPLACE ({", ".join(kept)}){"".join(added)} FROM {source} WHERE "index" = {literal(configuration.index)}"""
    )


def _is_there(connection: duckdb.DuckDBPyConnection, path: str) -> bool:
    """Whether there is such a file. Looking for names would not do: of an object store's, a name without a wildcard is taken as it is."""
    try:
        connection.execute(f"SELECT NULL FROM read_parquet({literal(path)}) LIMIT 0")
    except duckdb.HTTPException as error:
        if error.status_code == 404:
            return False
        raise
    except duckdb.IOException:
        if path.startswith("s3://") or Path(path).exists():
            raise
        return False
    return True


def _open_nomenclatures(connection: duckdb.DuckDBPyConnection) -> None:
    """`nomenclature`: code, section and label of every class of each; `code_levels`: what each most detailed code belongs to."""
    connection.execute("CREATE TABLE nomenclature (nomenclature VARCHAR, code VARCHAR, section VARCHAR, label VARCHAR)")
    for key, name in NAMES.items():
        entries = json.loads((ROOT / "nomenclatures" / f"{key}.json").read_text("utf8"))
        rows = [(name, one["code"], one["section"], one["label"]) for one in entries]
        connection.executemany("INSERT INTO nomenclature VALUES (?, ?, ?, ?)", rows)
    connection.execute(
        """CREATE TABLE code_levels AS
        SELECT nomenclature, code, section AS level_1, code[:2] AS level_2, code[:3] AS level_3, code[:4] AS level_4, code AS level_5
        FROM nomenclature QUALIFY len(code) = max(len(code)) OVER (PARTITION BY nomenclature)"""
    )


def panels() -> list[str]:
    """Names of the panels: one SQL file each."""
    return sorted(file.stem for file in (ROOT / "sql").glob("*.sql"))


def rows_of(connection: duckdb.DuckDBPyConnection, panel: str, parameters: dict[str, object]) -> list[dict[str, object]]:
    """Runs the SQL of a panel with the parameters that it asks for."""
    sql = (ROOT / "sql" / f"{panel}.sql").read_text("utf8")
    asked = {name: parameters[name] for name in sorted(set(re.findall(r"\$([a-z_]+)", sql)))}
    cursor = connection.execute(sql, asked) if asked else connection.execute(sql)
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

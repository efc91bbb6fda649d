"""What Parquet files the bucket has, and what is in the columns of the first ones."""

import datetime
import json
import os
import sys

import duckdb

place = os.environ.get("DASHBOARD_DATA") or os.environ.get("AWS_WORKING_DIRECTORY_PATH", "")
files = f"s3://{place.strip('/')}/**/*.parquet"
tables, problem = [], None

try:
    if not place:
        raise ValueError("no bucket is named")
    found = duckdb.execute(
        """SELECT file_name, sum(num_rows)::BIGINT, sum(row_group_bytes) / 1e6
           FROM (SELECT DISTINCT file_name, row_group_id, row_group_num_rows AS num_rows, row_group_bytes FROM parquet_metadata(?))
           GROUP BY ALL ORDER BY ALL LIMIT 100""",
        [files],
    ).fetchall()
    for number, (file, rows, megabytes) in enumerate(found):
        name = file.removeprefix(f"s3://{place.strip('/')}/")
        columns = []
        if number < 20:
            columns = duckdb.execute(
                """SELECT column_name, column_type, "min", "max", approx_unique, null_percentage::DOUBLE
                   FROM (SUMMARIZE SELECT * FROM read_parquet($1))""".replace("$1", "'" + file.replace("'", "''") + "'")
            ).fetchall()
        keys = ("column", "type", "least", "most", "distinct, about", "missing in %")
        tables.append(
            {"name": name, "rows": rows, "megabytes": megabytes, "columns": [dict(zip(keys, column)) for column in columns]}
        )
except (duckdb.Error, ValueError) as error:
    problem = str(error).splitlines()[0]

json.dump(
    {"place": place, "rendered": datetime.datetime.now(datetime.timezone.utc).isoformat(), "tables": tables, "problem": problem},
    sys.stdout,
    default=str,
)

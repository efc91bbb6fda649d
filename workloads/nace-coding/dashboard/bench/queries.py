"""Every panel over 10^7 rows by DuckDB, beside the same figures by pandas: `python bench/queries.py [ROWS] [alone]`. Prints JSON; `alone`
leaves pandas out.

Each time is the best of three, with reading: DuckDB reads the Parquet files for each query, and so does pandas, the columns that it needs.
The two take turns.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import duckdb
import numpy as np
import pandas as pd

from nace_dashboard.configuration import Configuration
from nace_dashboard.database import literal, open_views, panels, rows_of

DAYS = 100
CONFIGURATION = Configuration("margin", 0.8, "naf2", 7, 28, None, "fr")
GOLD = {"gold-summary", "gold-confidence", "accuracy-by-level", "accuracy-by-threshold", "top-five", "monthly-accuracy"}


def generate(folder: Path, rows: int) -> None:
    """A table of the columns that the ETL writes, over 100 days, with the codes of NAF rev. 2 as unevenly frequent as in a register."""
    connection = duckdb.connect()
    codes = [one["code"] for one in json.loads((ROOT / "nomenclatures" / "naf2.json").read_text("utf8")) if len(one["code"]) == 5]
    connection.execute(
        "CREATE TABLE codes AS SELECT unnest(?::VARCHAR[]) AS code, generate_subscripts(?::VARCHAR[], 1) - 1 AS place", [codes, codes]
    )
    for day in range(DAYS):
        date = str(np.datetime64("2026-01-01") + day)
        for kind in ("parquet", "words"):
            (folder / kind / f"date={date}").mkdir(parents=True)
        count = rows // DAYS
        connection.execute(
            f"""COPY (
              WITH drawn AS (SELECT i, floor({len(codes)} * power(hash(i, {day}) / 18446744073709551616.0, 3))::INTEGER AS place,
                                    hash(i, {day}, 2) / 18446744073709551616.0 AS u FROM range({count}) AS t(i))
              SELECT format('{day:03d}-{{:08d}}', i) AS id, 1::UTINYINT AS schema, format('{day:03d}-{{}}', i // 3) AS request, (i % 3)::INTEGER AS "row",
                     TIMESTAMP '{date}' + to_milliseconds((i * 86400000 // {count})::BIGINT) AS "at", 'nace-0' AS replica, '/predict-batch' AS route, 'nace' AS model_name,
                     CASE WHEN {day} < 60 THEN '1' ELSE '2' END AS model_version, 'libellé numéro ' || i AS text, 'libell numero ' || i AS text_clean,
                     code AS code_1, 1 - power(u, 3) AS confidence, 'margin' AS "index", 0.8 AS threshold,
                     CASE WHEN {day} > 90 THEN '3' END AS shadow_version, CASE WHEN {day} > 90 THEN CASE WHEN u < 0.9 THEN code ELSE '0111Z' END END AS shadow_code_1,
                     (1 + i % 12)::USMALLINT AS words, (1 + i % 3)::USMALLINT AS sentences
              FROM drawn JOIN codes USING (place) ORDER BY id)
            TO {literal(str(folder / "parquet" / f"date={date}" / "records.parquet"))} (FORMAT parquet, COMPRESSION zstd)"""
        )
        connection.execute(
            f"COPY (SELECT 'mot' || i AS word, (20000 - i)::BIGINT AS rows FROM range(20000) AS t(i)) TO {literal(str(folder / 'words' / f'date={date}' / 'words.parquet'))} (FORMAT parquet)"
        )
    (folder / "gold").mkdir()
    connection.execute(
        f"""COPY (SELECT *, code_1 AS code_2, code_1 AS code_3, code_1 AS code_4, code_1 AS code_5, CASE WHEN hash(id) % 4 = 0 THEN '0111Z' ELSE code_1 END AS code
            FROM read_parquet({literal(str(folder / "parquet/date=*/records.parquet"))}) WHERE hash(id, 1) % {max(1, rows // 10_000)} = 0 ORDER BY id)
        TO {literal(str(folder / "gold" / "gold.parquet"))} (FORMAT parquet)"""
    )


def by_pandas(folder: Path, parameters: dict[str, Any]) -> dict[str, Callable[[], int]]:
    """The same figures of the panels over all records; each gives the number of its rows."""
    nomenclature = json.loads((ROOT / "nomenclatures" / "naf2.json").read_text("utf8"))
    section = {one["code"]: one["section"] for one in nomenclature}
    threshold = parameters["threshold"]

    def read(*columns: str, kind: str = "parquet", file: str = "records") -> pd.DataFrame:
        frames = [
            pd.read_parquet(path, columns=list(columns)).assign(date=path.parent.name[5:])
            for path in sorted((folder / kind).glob(f"date=*/{file}.parquet"))
        ]
        return pd.concat(frames, ignore_index=True)

    def days(unit: str) -> int:
        frame = read("row", "confidence")
        frame["automatic"], frame["first"] = frame["confidence"] >= threshold, frame["row"] == 0
        key = frame["date"] if unit == "day" else pd.to_datetime(frame["date"]).dt.to_period("W")
        return len(frame.groupby(key).agg(requests=("first", "sum"), descriptions=("row", "size"), automatic=("automatic", "sum")))

    def shares() -> int:
        values = np.sort(read("confidence")["confidence"].to_numpy())
        return len(len(values) - np.searchsorted(values, np.arange(101) / 100))

    def distribution() -> int:
        frame = read("confidence")
        return len(
            frame.assign(automatic=frame["confidence"] >= threshold)
            .groupby((frame["confidence"] * 20).astype(int).clip(upper=19))["automatic"]
            .agg(["size", "sum"])
        )

    def windows(*columns: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        frame = read("confidence", *columns)
        frame["bin"] = (frame["confidence"] * 20).astype(int).clip(upper=19)
        of = [
            frame[(frame["date"] >= str(parameters[f"{name}_from"])) & (frame["date"] <= str(parameters[f"{name}_to"]))]
            for name in ("reference", "current")
        ]
        return of[0], of[1]

    def comparison() -> int:
        return len(pd.concat([part["bin"].value_counts() for part in windows()], axis=1))

    def metrics() -> int:
        parts = windows("code_1")
        keys: list[Callable[[pd.DataFrame], pd.Series]] = [lambda part: part["bin"], lambda part: part["code_1"].map(section)]
        keys += [lambda part, length=length: part["code_1"].str[:length] for length in (2, 3, 4, 5)]
        for key in keys:
            counts = pd.concat([key(part).value_counts() for part in parts], axis=1).fillna(0)
            p, q = (counts.iloc[:, n] / counts.iloc[:, n].sum() for n in (0, 1))
            np.sqrt(np.maximum(0, 1 - np.sqrt(p * q).sum()))
        return len(keys)

    def levels(*columns: str) -> int:
        frame = read("code_1", *columns)
        total = 0
        for length in (1, 2, 3, 4, 5):
            key = frame["code_1"].map(section) if length == 1 else frame["code_1"].str[:length]
            total += len(frame.groupby(key).size() if not columns else frame.groupby(key)["confidence"].agg(["size", "mean"]))
        return total

    def shadow() -> int:
        frame = read("code_1", "shadow_version", "shadow_code_1").dropna()
        return len(frame.assign(same=frame["code_1"] == frame["shadow_code_1"]).groupby("shadow_version")["same"].mean())

    return {
        "requests-per-day": lambda: days("day"),
        "requests-per-week": lambda: days("week"),
        "automatic-share-by-threshold": shares,
        "confidence-distribution": distribution,
        "window-comparison": comparison,
        "window-metrics": metrics,
        "codes-by-level": levels,
        "confidence-by-level": lambda: levels("confidence"),
        "words-per-label": lambda: len(read("words")["words"].clip(upper=30).value_counts()),
        "sentences-per-label": lambda: len(read("sentences")["sentences"].clip(upper=10).value_counts()),
        "frequent-words": lambda: len(read("word", "rows", kind="words", file="words").groupby("word")["rows"].sum().nlargest(50)),
        "models-per-day": lambda: len(
            read("model_version", "confidence").groupby(["date", "model_version"])["confidence"].agg(["size", "mean"])
        ),
        "shadow-agreement": shadow,
        "records-left-out": lambda: len(read("index").query("index != 'margin'")),
    }


def best_of(times: int, *acts: Callable[[], object]) -> list[tuple[float, float]]:
    """Of each act, in turn: seconds of its quickest run, and the least seconds of processor."""
    found: list[list[tuple[float, float]]] = [[] for _ in acts]
    for _ in range(times):
        for act, runs in zip(acts, found, strict=True):
            start, processor = time.perf_counter(), time.process_time()
            act()
            runs.append((time.perf_counter() - start, time.process_time() - processor))
    return [(min(one[0] for one in runs), min(one[1] for one in runs)) for runs in found]


def main() -> None:
    """Generates, measures, prints."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generate(folder, rows)
        connection = duckdb.connect()
        parameters = open_views(connection, CONFIGURATION, str(folder))
        pandas = by_pandas(folder, parameters)
        found = {}
        for panel in panels():
            query = partial(rows_of, connection, panel, parameters)
            beside = [pandas[panel]] if panel in pandas and "alone" not in sys.argv else []
            (seconds, processor), *others = best_of(3, query, *beside)
            found[panel] = {
                "duckdb_seconds": round(seconds, 3),
                "duckdb_processor_seconds": round(processor, 3),
                "gold_only": panel in GOLD,
            }
            for slow, _ in others:
                found[panel] |= {"pandas_seconds": round(slow, 3), "times_faster": round(slow / seconds, 2)}
    slowest = max(found, key=lambda panel: found[panel]["duckdb_seconds"])
    print(
        json.dumps(
            {
                "rows": rows,
                "cores": os.cpu_count(),
                "load": os.getloadavg()[0],
                "slowest": slowest,
                "slowest_seconds": found[slowest]["duckdb_seconds"],
                "least_times_faster": min((one["times_faster"] for one in found.values() if "times_faster" in one), default=None),
                "panels": found,
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()

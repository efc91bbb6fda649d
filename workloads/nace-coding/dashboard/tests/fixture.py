"""Twenty records, and one of another index, whose figures were computed by hand."""

from pathlib import Path

import duckdb

CONFIG = {
    "confidence": {"index": "margin", "threshold": 0.8},
    "nomenclature": "naf2",
    "windows": {"currentDays": 1, "reference": {"from": "2026-01-05", "to": "2026-01-06"}},
}

# Number, day, row, best code, confidence, code of people, words, sentences, version, code of the version beside it.
ROWS: list[tuple[int, str, int, str | None, float, str, int, int, str, str | None]] = [
    (1, "2026-01-05", 0, "0111Z", 0.95, "0111Z", 3, 1, "1", None),
    (2, "2026-01-05", 1, "0111Z", 0.85, "0113Z", 3, 1, "1", None),
    (3, "2026-01-05", 2, "4711B", 0.80, "4711B", 3, 1, "1", None),
    (4, "2026-01-05", 0, "4711B", 0.79, "4711C", 3, 1, "1", None),
    (5, "2026-01-05", 0, "5610A", 0.40, "5610A", 3, 1, "1", None),
    (6, "2026-01-05", 0, None, 0.00, "5610A", 3, 1, "1", None),
    (7, "2026-01-06", 0, "5610A", 0.90, "5610A", 3, 1, "1", None),
    (8, "2026-01-06", 1, "5610A", 0.30, "5610C", 3, 1, "1", None),
    (9, "2026-01-06", 0, "4711B", 1.00001, "4711B", 3, 1, "1", None),
    (10, "2026-01-06", 0, "8621Z", 0.60, "8621Z", 3, 1, "1", None),
    (11, "2026-01-06", 0, "8621Z", 0.99, "5610A", 5, 1, "1", None),
    (12, "2026-01-06", 1, "0111Z", 0.10, "4711B", 5, 1, "1", None),
    (13, "2026-02-02", 0, "5610A", 0.95, "5610A", 5, 1, "1", "5610A"),
    (14, "2026-02-02", 1, "5610A", 0.85, "5610A", 5, 1, "1", "5610C"),
    (15, "2026-02-02", 2, "5610A", 0.82, "5610C", 5, 1, "1", "4711B"),
    (16, "2026-02-02", 0, "5610C", 0.55, "5610C", 1, 1, "1", "5610C"),
    (17, "2026-02-02", 0, "5610A", 0.20, "8621Z", 1, 1, "2", None),
    (18, "2026-02-02", 0, "4711B", 0.05, "4711B", 1, 1, "2", None),
    (19, "2026-02-02", 1, "8621Z", 0.92, "8621Z", 1, 2, "2", None),
    (20, "2026-02-02", 0, "8621Z", 0.45, "XXXXX", 40, 12, "2", None),
]
FURTHER = {2: {"code_2": "0113Z"}, 4: {"code_3": "4711C"}, 8: {"code_5": "5610C"}, 15: {"code_2": "5610C"}}
"""Further predictions."""
WORDS = {"2026-01-05": {"pain": 4, "vin": 1}, "2026-01-06": {"pain": 2, "bois": 3}, "2026-02-02": {"bois": 3}}


def write(folder: Path, gold: bool = True) -> None:
    """Writes the table, the words and the gold set as the ETL and the annotation would."""
    connection = duckdb.connect()
    connection.execute(
        """CREATE TABLE records (id VARCHAR, "row" INTEGER, "at" TIMESTAMP, model_version VARCHAR, code_1 VARCHAR, code_2 VARCHAR, code_3 VARCHAR,
        code_4 VARCHAR, code_5 VARCHAR, confidence DOUBLE, "index" VARCHAR, shadow_version VARCHAR, shadow_code_1 VARCHAR, words USMALLINT,
        sentences USMALLINT, day VARCHAR, code VARCHAR, annotated_at TIMESTAMP, annotator VARCHAR)"""
    )
    for number, day, row, best, confidence, code, words, sentences, version, shadow in ROWS:
        more = [FURTHER.get(number, {}).get(f"code_{place}") for place in range(2, 6)]
        values = [f"r{number:02d}", row, f"{day} 08:00:00", version, best, *more, confidence, "margin", shadow and "2", shadow]
        connection.execute(
            f"INSERT INTO records VALUES ({', '.join('?' * 19)})", [*values, words, sentences, day, code, f"{day} 12:00:00", "someone"]
        )
    connection.execute(
        """INSERT INTO records (id, "row", "at", model_version, code_1, confidence, "index", day)
        VALUES ('x', 0, '2026-01-05 08:00:00', '1', '0111Z', 0.9, 'difference-to-all', '2026-01-05')"""
    )
    for day, words in WORDS.items():
        for kind in ("parquet", "words"):
            (folder / kind / f"date={day}").mkdir(parents=True)
        target = folder / "parquet" / f"date={day}" / "records.parquet"
        connection.execute(
            f"COPY (SELECT * EXCLUDE (day, code, annotated_at, annotator) FROM records WHERE day = '{day}' ORDER BY id) TO '{target}'"
        )
        listed = ", ".join(f"('{word}', {rows}::BIGINT)" for word, rows in words.items())
        connection.execute(
            f"COPY (SELECT * FROM (VALUES {listed}) AS t(word, rows)) TO '{folder / 'words' / f'date={day}' / 'words.parquet'}'"
        )
    if gold:
        (folder / "gold").mkdir()
        connection.execute(
            f"""COPY (SELECT * EXCLUDE (day) FROM records WHERE "index" = 'margin' ORDER BY id) TO '{folder / "gold" / "gold.parquet"}'"""
        )

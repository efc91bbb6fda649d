"""One day: the raw objects of its folder become one Parquet object, its words, its quarantine and its manifest."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from . import __version__
from .columns import FILE, columns, masked
from .problems import Refused
from .staging import Staging
from .store import Listed, Objects, literal

ROWS_PER_GROUP = 122_880
"""Rows of a row group of Parquet: DuckDB's own unit, so that both cores read."""


@dataclass(frozen=True)
class Options:
    """How days are written."""

    masking: str = "patterns"
    """`none`, `patterns` (columns.PATTERNS) or `drop`."""
    memory_megabytes: int = 2048
    """What DuckDB may hold in memory; the rest goes to the disk."""
    batch_megabytes: int = 64
    """Raw bytes that are taken in at once."""
    threads: int = 2
    words_least: int = 5
    """Fewer rows of a day than this with a word leave it out of the words where masking is `drop`."""
    temporary: Path | None = None
    """Folder for what is written on the way. None is the system's."""


def paths(date: str) -> dict[str, str]:
    """What is written for a day, below the prefix."""
    return {
        "parquet": f"parquet/date={date}/records.parquet",
        "words": f"words/date={date}/words.parquet",
        "quarantine": f"quarantine/date={date}/lines.ndjson",
        "manifest": f"manifests/date={date}/manifest.json",
    }


def write_day(objects: Objects, date: str, options: Options) -> dict[str, Any]:
    """Writes a day unless it stands already as its raw objects and these options make it.

    The same raw objects give the same bytes, whatever was written before and however often the program was ended on its way: the manifest
    comes last and tells the digests of the others, so a day whose manifest does not fit is written again.

    :returns: `state` (`written`, `unchanged`, or `kept` when raw objects have expired) and `counts`
    :raises Refused: when publishing would lose or falsify records
    """
    raw = sorted(objects.list(f"records/date={date}/"))
    place = paths(date)
    before = objects.find(place["manifest"])
    manifest = json.loads(before) if before is not None else None
    made_by = {
        "etl": __version__,
        "duckdb": duckdb.__version__,
        "recordSchema": columns().record_schema,
        "columns": hashlib.sha256(FILE.read_bytes()).hexdigest(),
        "masking": options.masking,
        "wordsLeast": options.words_least if options.masking == "drop" else 1,
    }
    listed = [{"key": one.key, "size": one.size, "etag": one.etag} for one in raw]
    if manifest is not None:
        known, now = {one["key"] for one in manifest["objects"]}, {one.key for one in raw}
        if known - now and not now - known:
            return {"date": date, "state": "kept", "counts": manifest["counts"]}
        if known - now:
            raise Refused(
                f"{date}: {len(known - now)} raw objects that the manifest names are gone ({min(known - now)}), and new ones have come: writing the day anew "
                "would lose records; restore them, or delete the day's manifest to accept the loss"
            )
        if (
            all(manifest["madeBy"].get(name) == value for name, value in made_by.items())
            and manifest["objects"] == listed
            and _stands(objects, manifest)
        ):
            return {"date": date, "state": "unchanged", "counts": manifest["counts"]}
    with TemporaryDirectory(prefix="nace-etl-", dir=options.temporary) as folder:
        return _write(objects, date, options, Path(folder), raw, {"format": 1, "date": date, "madeBy": made_by, "objects": listed})


def _stands(objects: Objects, manifest: dict[str, Any]) -> bool:
    place = paths(manifest["date"])
    return all((manifest[name] or {}).get("sha256") == objects.digest(place[name]) for name in ("parquet", "words", "quarantine"))


def _write(objects: Objects, date: str, options: Options, folder: Path, raw: list[Listed], manifest: dict[str, Any]) -> dict[str, Any]:
    connection = duckdb.connect(
        str(folder / "staging.duckdb"),
        config={
            "threads": options.threads,
            "memory_limit": f"{options.memory_megabytes}MB",
            "temp_directory": str(folder / "spill"),
            "preserve_insertion_order": True,
            "autoinstall_known_extensions": False,
        },
    )
    try:
        staging = Staging(connection, columns(), date, folder, keep_lines=options.masking == "none")
        for batch in _batches(objects, raw, options.batch_megabytes * 1024 * 1024):
            staging.add(batch)
        shutil.rmtree(folder / "batch", ignore_errors=True)
        staging.settle()
        reasons, quarantine = staging.reasons(), staging.quarantine()
        counts = {
            "objects": len(raw),
            "bytes": sum(one.size for one in raw),
            "lines": staging.lines,
            "records": _copy_records(connection, folder / "records.parquet", options.masking),
            "duplicates": staging.duplicates,
            "quarantined": sum(reasons.values()),
        }
        _copy_words(connection, folder / "words.parquet", options)
    finally:
        connection.close()
    check_counts(date, counts)
    place = paths(date)
    # Whoever reads the table finds the old day or the new one; the manifest comes last, so that an end on the way is seen.
    if quarantine:
        digest = objects.write(place["quarantine"], quarantine, "application/x-ndjson")
        manifest["quarantine"] = {"sha256": digest, "bytes": len(quarantine)}
    else:
        objects.delete(place["quarantine"])
        manifest["quarantine"] = None
    for name, file in (("parquet", folder / "records.parquet"), ("words", folder / "words.parquet")):
        manifest[name] = {"sha256": objects.write(place[name], file, "application/vnd.apache.parquet"), "bytes": file.stat().st_size}
    manifest |= {"counts": counts, "reasons": reasons, "unknownFields": dict(sorted(staging.unknown_fields.items()))}
    objects.write(place["manifest"], (json.dumps(manifest, indent=2, sort_keys=True) + "\n").encode("utf8"), "application/json")
    return {"date": date, "state": "written", "counts": counts, "reasons": reasons, "unknownFields": manifest["unknownFields"]}


def check_counts(date: str, counts: dict[str, int]) -> None:
    """Rows in are rows out.

    :raises Refused: when they are not; nothing is published then
    """
    out = counts["records"] + counts["duplicates"] + counts["quarantined"]
    if out != counts["lines"]:
        raise Refused(
            f"{date}: {counts['lines']} lines came in, and {counts['records']} records, {counts['duplicates']} duplicates and "
            f"{counts['quarantined']} lines in quarantine would go out; nothing is published: this is a fault of the program, report it with the raw objects"
        )


def _batches(objects: Objects, raw: list[Listed], most: int) -> Iterator[list[tuple[int, str, bytes]]]:
    """The raw objects with their contents, some at a time."""
    with ThreadPoolExecutor(8) as pool:
        start = 0
        while start < len(raw):
            end, size = start, 0
            while end < len(raw) and (end == start or size + raw[end].size <= most):
                size += raw[end].size
                end += 1
            contents = pool.map(objects.read, raw[start:end])
            yield [(start + place, raw[start + place].key, content) for place, content in enumerate(contents)]
            start = end


def _copy_records(connection: duckdb.DuckDBPyConnection, file: Path, masking: str) -> int:
    """Writes the rows by id and reads them again; returns how many there are."""
    connection.execute(
        f"COPY (SELECT {columns().select(masking)} FROM staged ORDER BY record.id) TO {literal(str(file))} "
        f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROWS_PER_GROUP})"
    )
    names = [row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM read_parquet({literal(str(file))})").fetchall()]
    [(rows, ids)] = connection.execute(f"SELECT count(*), count(DISTINCT id) FROM read_parquet({literal(str(file))})").fetchall()
    if names != columns().names or rows != ids:
        raise Refused(f"the Parquet file has {rows} rows of {ids} identifiers and the columns {names}: nothing is published")
    return int(rows)


def _copy_words(connection: duckdb.DuckDBPyConnection, file: Path, options: Options) -> None:
    """Writes how many descriptions hold which word of what the model read; features such as `TYP_X` are no words."""
    text = masked("record.text_clean", "none" if options.masking == "drop" else options.masking)
    least = options.words_least if options.masking == "drop" else 1
    connection.execute(
        f"""COPY (SELECT word, count(*) AS rows
            FROM (SELECT unnest(list_distinct(string_split({text}, ' '))) AS word FROM staged)
            WHERE regexp_full_match(word, '[a-z0-9]+') GROUP BY word HAVING count(*) >= {least} ORDER BY word)
        TO {literal(str(file))} (FORMAT parquet, COMPRESSION zstd)"""
    )

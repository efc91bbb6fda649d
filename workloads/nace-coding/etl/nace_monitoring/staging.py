"""Lines of raw objects become typed rows of a database on disk; what is no record is set aside with a reason."""

import hashlib
import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb

from .columns import Columns
from .problems import Refused
from .store import literal

BLANK = "blank line"
NOT_UTF8 = "not UTF-8"
NOT_JSON = "not JSON"
CONFLICT = "another record has the same id"


class Staging:
    """The lines of one day. Every line that was given is counted, and is afterwards a row, a duplicate, or set aside."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, columns: Columns, date: str, folder: Path, keep_lines: bool) -> None:
        """:param keep_lines: whether lines that are set aside are kept as they are, or only where they stand and their digest"""
        self.lines = 0
        self.duplicates = 0
        self.unknown_fields: Counter[str] = Counter()
        self._connection = connection
        self._columns = columns
        self._date = date
        self._folder = folder / "batch"
        self._keep_lines = keep_lines
        self._structures: dict[str, tuple[str | None, list[str]]] = {}
        self._keys: dict[int, str] = {}
        empty = f"json_transform('{{}}', {literal(columns.structure)})"
        connection.execute(f"CREATE TABLE staged AS SELECT 0::INTEGER AS object, 0::INTEGER AS line, {empty} AS record LIMIT 0")
        connection.execute(
            "CREATE TABLE aside (object INTEGER, line INTEGER, reason VARCHAR, bytes BIGINT, sha256 VARCHAR, content VARCHAR)"
        )
        connection.execute("CREATE TABLE structures (structure VARCHAR, reason VARCHAR)")

    def add(self, batch: list[tuple[int, str, bytes]]) -> None:
        """Takes raw objects in: number, key, content.

        :raises Refused: when a record is of another schema version
        """
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir()
        aside: list[tuple[Any, ...]] = []
        for number, key, content in batch:
            self._keys[number] = key
            if not content:
                continue
            self.lines += content.count(b"\n") + (not content.endswith(b"\n"))
            content = content.removesuffix(b"\n")
            try:
                content.decode("utf8")
            except UnicodeDecodeError:
                content = self._without_foreign(number, content, aside)
            (self._folder / f"{number:09d}").write_bytes(content)
        if not any(self._folder.iterdir()):
            return
        execute = self._connection.execute
        if aside:
            self._connection.executemany("INSERT INTO aside VALUES (?, ?, ?, ?, ?, ?)", aside)
        execute(
            f"""CREATE OR REPLACE TEMP TABLE lines AS
            SELECT object, line, content, CASE WHEN json_valid(content) THEN json_structure(content)::VARCHAR END AS structure
            FROM (SELECT parse_filename(filename)::INTEGER AS object, unnest(lines) AS content, generate_subscripts(lines, 1)::INTEGER AS line
                  FROM (SELECT filename, string_split(content, chr(10)) AS lines FROM read_text({literal(str(self._folder / "*"))})))"""
        )
        if aside:
            execute("DELETE FROM lines USING aside WHERE lines.object = aside.object AND lines.line = aside.line")
        self._judge_structures()
        self._set_aside(
            "lines LEFT JOIN structures USING (structure)",
            f"CASE WHEN trim(content, chr(13) || chr(9) || ' ') = '' THEN '{BLANK}' WHEN structure IS NULL THEN '{NOT_JSON}' ELSE reason END",
        )
        execute(
            f"""CREATE OR REPLACE TEMP TABLE typed AS
            SELECT object, line, content, record, {self._columns.fault().replace("$date", literal(self._date))} AS reason
            FROM (SELECT object, line, content, json_transform(content, {literal(self._columns.structure)}) AS record
                  FROM lines JOIN structures USING (structure) WHERE reason IS NULL)"""
        )
        self._refuse_other_schemas("typed", f"record.schema IS DISTINCT FROM {self._columns.record_schema}")
        self._set_aside("typed", "reason")
        execute("INSERT INTO staged SELECT object, line, record FROM typed WHERE reason IS NULL")

    def settle(self) -> None:
        """Leaves one row of each id: of equal ones the first by object and line, of unequal ones the least; the others are duplicates, or set
        aside."""
        execute = self._connection.execute
        execute("CREATE TABLE repeated AS SELECT record.id AS id FROM staged GROUP BY ALL HAVING count(*) > 1")
        execute(
            """CREATE TABLE ranked AS
            SELECT object, line, record, row_number() OVER same AS place, record = first(record) OVER same AS equal
            FROM staged SEMI JOIN repeated ON staged.record.id = repeated.id
            WINDOW same AS (PARTITION BY record.id ORDER BY record::VARCHAR, object, line)"""
        )
        [(self.duplicates,)] = execute("SELECT count(*) FROM ranked WHERE place > 1 AND equal").fetchall()
        execute(
            "CREATE TABLE conflicts AS SELECT object, line, to_json(record)::VARCHAR AS content FROM ranked WHERE place > 1 AND NOT equal"
        )
        self._set_aside("conflicts", f"'{CONFLICT}'")
        execute("DELETE FROM staged USING ranked WHERE place > 1 AND staged.object = ranked.object AND staged.line = ranked.line")

    def reasons(self) -> dict[str, int]:
        """How many lines were set aside for which reason."""
        return dict(self._connection.execute("SELECT reason, count(*) FROM aside GROUP BY ALL ORDER BY ALL").fetchall())

    def quarantine(self) -> bytes:
        """The lines that were set aside, as lines of JSON, in the order of the objects."""
        rows = self._connection.execute("SELECT object, line, reason, bytes, sha256, content FROM aside ORDER BY object, line").fetchall()
        return b"".join(
            json.dumps(
                {
                    "object": self._keys[object],
                    "line": line,
                    "reason": reason,
                    "bytes": size,
                    "sha256": digest,
                    **({"content": content} if content is not None else {}),
                },
                ensure_ascii=False,
            ).encode("utf8")
            + b"\n"
            for object, line, reason, size, digest, content in rows
        )

    def _without_foreign(self, number: int, content: bytes, aside: list[tuple[Any, ...]]) -> bytes:
        """The content with empty lines in place of those that are not UTF-8."""
        lines = content.split(b"\n")
        for place, line in enumerate(lines):
            try:
                line.decode("utf8")
            except UnicodeDecodeError:
                told = line.decode("utf8", "backslashreplace") if self._keep_lines else None
                aside.append((number, place + 1, NOT_UTF8, len(line), hashlib.sha256(line).hexdigest(), told))
                lines[place] = b""
        return b"\n".join(lines)

    def _judge_structures(self) -> None:
        counted = self._connection.execute("SELECT structure, count(*) FROM lines WHERE structure IS NOT NULL GROUP BY ALL").fetchall()
        new = []
        for structure, rows in counted:
            if structure not in self._structures:
                told = json.loads(structure)
                extra = sorted(set(told) - self._columns.fields) if isinstance(told, dict) else []
                self._structures[structure] = (self._columns.misfit(told), extra)
                new.append((structure, self._structures[structure][0]))
            for name in self._structures[structure][1]:
                self.unknown_fields[name] += rows
        if new:
            self._connection.executemany("INSERT INTO structures VALUES (?, ?)", new)
        self._refuse_other_schemas(
            """(SELECT object, line, content, CASE WHEN structure IS NOT NULL THEN try_cast(json_extract_string(content, '$.schema') AS BIGINT) END AS number
                FROM lines JOIN structures USING (structure) WHERE reason IS NOT NULL)""",
            f"number <> {self._columns.record_schema}",
        )

    def _refuse_other_schemas(self, table: str, condition: str) -> None:
        found = self._connection.execute(
            f"SELECT object, line, content FROM {table} WHERE {condition} ORDER BY object, line LIMIT 1"
        ).fetchone()
        if found is not None:
            raise Refused(
                f"{self._keys[found[0]]}, line {found[1]}: schema is {json.loads(found[2]).get('schema')}, expected {self._columns.record_schema}; "
                "the day is not published: run a version of nace-etl that knows this schema, and it writes the day from the same objects"
            )

    def _set_aside(self, table: str, reason: str) -> None:
        content = "content" if self._keep_lines else "NULL"
        self._connection.execute(
            f"INSERT INTO aside SELECT object, line, {reason} AS why, octet_length(encode(content)), sha256(content), {content} FROM {table} WHERE why IS NOT NULL"
        )

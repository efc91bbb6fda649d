"""The columns of the table of records, read from schemas/columns.json, and the SQL that makes them."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parent.parent / "schemas" / "columns.json"

JSON_NAMES = {"VARCHAR": "string", "UBIGINT": "integer", "BIGINT": "integer", "DOUBLE": "number", "BOOLEAN": "boolean", "NULL": "null"}
"""What DuckDB's json_structure calls a JSON type. An array or an object is no name."""

PATTERNS = (
    (r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}", "<mail>"),
    (r"(?i)\b(?:https?://|www\.)\S+", "<address>"),
    (r"\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b", "<account>"),
    (r"\+?[0-9](?:[ .\-/]?[0-9]){7,}", "<number>"),
    (r"\b(?:M\.|Mr|Mme|Mlle|Monsieur|Madame|Mademoiselle)\s+\p{Lu}[\p{L}'’-]+(?:\s+\p{Lu}[\p{L}'’-]+)*", "<person>"),
)
"""What the masking `patterns` takes out of free text: addresses, accounts, numbers of eight digits or more, titles with names."""


@dataclass(frozen=True)
class Columns:
    """What a record holds and what the table makes of it."""

    record_schema: int
    records: tuple[dict[str, Any], ...]
    predictions: tuple[dict[str, Any], ...]
    computed: tuple[dict[str, Any], ...]

    @property
    def names(self) -> list[str]:
        """The columns in the order of the table."""
        return (
            [c["name"] for c in self.records]
            + [name for p in self.predictions for name in prediction_names(p)]
            + [c["name"] for c in self.computed]
        )

    @property
    def structure(self) -> str:
        """What DuckDB's json_transform makes of a line."""
        fields = {c["name"]: "VARCHAR" if c["type"] == "TIMESTAMP" else c["type"] for c in self.records}
        return json.dumps({**fields, **{p["field"]: [{"code": "VARCHAR", "probability": "DOUBLE"}] for p in self.predictions}})

    @property
    def fields(self) -> set[str]:
        """Names of the fields of a record."""
        return {c["name"] for c in self.records} | {p["field"] for p in self.predictions}

    def select(self, masking: str) -> str:
        """The columns of the table, out of a column `record`."""
        parts = []
        for column in self.records:
            value = f'record."{column["name"]}"'
            if column.get("freeText"):
                value = masked(value, masking)
            elif column["type"] == "TIMESTAMP":
                value = instant(value)
            parts.append(f'{value} AS "{column["name"]}"')
        for prediction in self.predictions:
            for number in range(1, prediction["columns"] + 1):
                for part in ("code", "probability"):
                    parts.append(f"record.{prediction['field']}[{number}].{part} AS {prediction[part]}{number}")
        # Counted before anything is masked.
        parts.append("least(65535, len(regexp_extract_all(record.text, '[\\p{L}\\p{N}]+')))::USMALLINT AS words")
        parts.append(r"least(65535, len(regexp_extract_all(record.text, '[^.!?;\n\r]*[\p{L}\p{N}][^.!?;\n\r]*')))::USMALLINT AS sentences")
        return ",\n  ".join(parts)

    def misfit(self, structure: Any) -> str | None:
        """Why a line of this structure, as json_structure tells it, is no record; None when it is one."""
        if not isinstance(structure, dict):
            return "not an object"
        for column in self.records:
            given = structure.get(column["name"], "NULL")
            name = JSON_NAMES.get(given, "something else") if isinstance(given, str) else ("array" if isinstance(given, list) else "object")
            if name == "null":
                if column.get("required"):
                    return f"field {column['name']} is missing"
            elif name not in column["json"] and not (name == "integer" and "number" in column["json"]):
                return f"field {column['name']} is of type {name}, expected {' or '.join(column['json'])}"
        for prediction in self.predictions:
            given = structure.get(prediction["field"], "NULL")
            if given == "NULL" and not prediction.get("required"):
                continue
            if not isinstance(given, list):
                return f"field {prediction['field']} is no array"
            inner = given[0] if given else "NULL"
            if inner == "NULL":
                continue
            if (
                not isinstance(inner, dict)
                or inner.get("code") != "VARCHAR"
                or inner.get("probability") not in ("DOUBLE", "UBIGINT", "BIGINT")
            ):
                return f"field {prediction['field']} holds something else than codes with probabilities"
        return None

    def fault(self) -> str:
        """SQL for why the values of a column `record` of a day `$date` are no record's; NULL when they are."""
        at = instant('record."at"')
        cases = [
            ("record.id = ''", "field id is empty"),
            ('record."row" < 0 OR record."row" IS NULL', "field row is negative or too large"),
            (f"{at} IS NULL", "field at is no instant such as 2026-01-31T08:00:00.123Z"),
            (f"{at}::DATE <> $date::DATE", "field at is of another day than the object"),
        ]
        for column in self.records:
            if "values" in column:
                listed = ", ".join(f"'{value}'" for value in column["values"])
                cases.append((f'record."{column["name"]}" NOT IN ({listed})', f"field {column['name']} is none of its values"))
        for prediction in self.predictions:
            field = f"record.{prediction['field']}"
            cases.append((f"len({field}) > {prediction['most']}", f"field {prediction['field']} holds more than {prediction['most']}"))
            cases.append(
                (
                    f"len(list_filter({field}, p -> p.code IS NULL OR p.probability IS NULL OR p.probability < 0 OR p.probability > 1.0001)) > 0",
                    f"field {prediction['field']} holds a probability that is none, or no code",
                )
            )
        return "CASE " + " ".join(f"WHEN {condition} THEN '{reason}'" for condition, reason in cases) + " END"


@cache
def columns() -> Columns:
    """The columns as the file tells them."""
    told = json.loads(FILE.read_text("utf8"))
    return Columns(told["recordSchema"], tuple(told["records"]), tuple(told["predictions"]), tuple(told["computed"]))


def prediction_names(prediction: dict[str, Any]) -> list[str]:
    """Columns of a list of predictions."""
    return [f"{prediction[part]}{number}" for number in range(1, prediction["columns"] + 1) for part in ("code", "probability")]


def instant(value: str) -> str:
    """SQL for the instant that a text tells, or NULL."""
    return f"(CASE WHEN regexp_full_match({value}, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T[0-9:]{{8}}[.][0-9]{{3}}Z') THEN try_strptime({value}, '%Y-%m-%dT%H:%M:%S.%gZ') END)"


def masked(value: str, masking: str) -> str:
    """SQL for a free text as the masking leaves it."""
    if masking == "none":
        return value
    if masking == "drop":
        return "NULL::VARCHAR"
    for pattern, stand_in in PATTERNS:
        value = f"regexp_replace({value}, '{pattern.replace(chr(39), chr(39) * 2)}', '{stand_in}', 'g')"
    return value

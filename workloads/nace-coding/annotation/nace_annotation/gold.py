"""The gold set: what people said about records, as a table."""

from pathlib import Path

from .batches import Batch
from .store import Objects
from .table import GOLD, connect, gold_view, parquet_of, view
from .verdict import Verdict

#: What the gold set has besides the columns of a record.
GOLD_COLUMNS = (
    "code", "nomenclature", "annotated_at", "annotator", "annotations", "agreement", "batch", "sample_reason", "inclusion_probability",
    "occurrences",
)  # fmt: skip


def disagreements_key(gold: str) -> str:
    """The table of the rows on which people did not agree, for a gold set."""
    return "annotation/disagreements.parquet" if gold == GOLD else f"annotation/disagreements-{Path(gold).stem}.parquet"


def write_gold(objects: Objects, gold: str, judged: list[tuple[Batch, dict[str, Verdict]]], folder: Path) -> dict[str, bytes]:
    """
    Makes the gold set and the table of disagreements of the batches that are for it. Rows of the present gold set that no batch has
    stay: they came from elsewhere. A form that was asked again is what the last batch that decided about it says.

    :return: content by key
    """
    files = [file for batch, _ in judged if (file := objects.fetch(f"{batch.folder}/tasks.parquet", folder)) is not None]
    before = objects.fetch(gold, folder)
    with connect() as connection:
        view(connection, "tasks", files, ["id", "batch", "queue"])
        connection.execute("""CREATE TEMP TABLE verdicts (
            id VARCHAR, batch VARCHAR, outcome VARCHAR, code VARCHAR, annotated_at TIMESTAMP, annotator VARCHAR, annotations INTEGER,
            agreement DOUBLE
        )""")
        rows = [
            [
                each.id,
                batch.name,
                each.outcome,
                each.code,
                each.at.removesuffix("Z") or None,
                ",".join(each.annotators),
                each.annotations,
                each.agreement,
            ]
            for batch, verdicts in judged
            for each in verdicts.values()
        ]
        if rows:
            connection.executemany("INSERT INTO verdicts VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        # A record has the nomenclature of the model that coded it; here it is that of the code that people gave.
        asked = "SELECT COLUMNS(c -> c NOT IN ('form', 'position', 'candidates', 'title_before', 'nomenclature')) FROM tasks"
        connection.execute("CREATE TEMP TABLE made (batch VARCHAR, nomenclature VARCHAR)")
        connection.executemany("INSERT INTO made VALUES (?, ?)", [[batch.name, batch.nomenclature] for batch, _ in judged])
        decided = f"""
            SELECT asked.* EXCLUDE (queue, batch) REPLACE (coalesce(text, text_clean) AS text),
                code, nomenclature, annotated_at, annotator, annotations, agreement, batch
            FROM ({asked}) AS asked JOIN verdicts USING (id, batch) JOIN made USING (batch) WHERE outcome = 'decided'
            QUALIFY row_number() OVER (PARTITION BY id ORDER BY queue = 'arbitration' DESC, annotated_at DESC, batch DESC) = 1
        """
        kept = ""
        if before is not None:
            gold_view(connection, "before", before, ["id"])
            kept = "UNION ALL BY NAME SELECT * FROM before WHERE id NOT IN (SELECT id FROM tasks)"
        open_rows = """
            SELECT tasks.* FROM tasks JOIN verdicts USING (id, batch) WHERE outcome = 'disagreement' AND queue <> 'arbitration'
            AND id NOT IN (SELECT id FROM tasks WHERE queue = 'arbitration') ORDER BY id
        """
        return {
            gold: parquet_of(connection, f"SELECT * FROM ({decided} {kept}) ORDER BY id"),
            disagreements_key(gold): parquet_of(connection, open_rows),
        }

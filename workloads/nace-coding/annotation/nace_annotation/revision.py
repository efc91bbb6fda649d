"""A revision of the nomenclature: what has one successor is recoded, what has several goes to people with these alone."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from . import batches
from .batches import Batch
from .gold import disagreements_key
from .nomenclature import Codes, Concordance, official, read_concordance
from .problems import Problems
from .sample import ARBITRATION
from .settings import Revision
from .store import Objects
from .table import NEEDED, PREDICTED, connect, gold_view, parquet_of, quoted, rows_of, view

QUEUE = "revision"
#: What a row of a gold set has that a task is not to have.
_ANSWER = ("code", "nomenclature", "annotated_at", "annotator", "annotations", "agreement", "batch", "sample_reason")


@dataclass(frozen=True)
class Revised:
    """What was done."""

    recoded: int
    queued: int
    again: int
    unknown: dict[str, int]
    batch: str
    is_new: bool


def _successors(connection: Any, concordance: Concordance, present: Codes) -> dict[str, int]:
    """
    A table of the codes of the gold set with what they become: what is of the new nomenclature already stays. Returns the codes that no one
    knows, with their rows.
    """
    new = concordance.codes
    connection.execute("CREATE TEMP TABLE successors (nomenclature VARCHAR, code VARCHAR, title VARCHAR, candidates VARCHAR[])")
    found = rows_of(connection, "SELECT nomenclature, code, count(*) AS rows FROM source GROUP BY ALL ORDER BY ALL")
    known: list[list[Any]] = []
    unknown: dict[str, int] = {}
    for each in found:
        name, code = each["nomenclature"], each["code"]
        candidates = (code,) if name == new.name and code in new.entries else concordance.of(code) if name in concordance.sources else ()
        if candidates:
            known.append([name, code, _title(name, code, present), list(candidates)])
        else:
            unknown[code] = unknown.get(code, 0) + int(each["rows"])
    if known:
        connection.executemany("INSERT INTO successors VALUES (?, ?, ?, ?)", known)
    return unknown


def _title(nomenclature: str, code: str, present: Codes) -> str:
    """The title of a code, as the model has it, else as the nomenclature has."""
    codes = present if present.name == nomenclature else official(nomenclature)
    return codes.title(code) if codes else ""


def revise(objects: Objects, settings: Revision, present: Codes, name: str) -> Revised:
    """
    Makes the gold set of the new nomenclature: rows with one successor now, rows with several as a batch for people. What was recoded
    or asked before is not done again. Once the model codes in the new nomenclature, what people say in it comes in as it is, so this may
    go on for ever.

    :param present: codes of the version in production
    :param name: of the batch
    :raises Problems: when there is no gold set
    """
    concordance = read_concordance(settings.concordance)
    with TemporaryDirectory() as temporary, connect() as connection:
        folder = Path(temporary)
        source = objects.fetch(settings.source, folder)
        if source is None:
            raise Problems([f"{objects.name(settings.source)}: is missing; make it with pull, or give another revision.source"])
        gold_view(connection, "given", source, [*NEEDED, *PREDICTED])
        # Rows of before there was such a column have codes of before the revision.
        older = present.name if present.name in concordance.sources else concordance.source
        connection.execute(f"CREATE VIEW source AS SELECT * REPLACE (coalesce(nomenclature, {quoted(older)}) AS nomenclature) FROM given")
        unknown = _successors(connection, concordance, present)
        known = batches.fetch_known(objects, folder, settings.target, but=name)
        for table, files in (("asked", known.asked), ("target", [known.gold] if known.gold else [])):
            if files:
                view(connection, table, files, ["id"])
            else:
                connection.execute(f"CREATE VIEW {table} AS SELECT * FROM source WHERE false")
        recoded, target = _recode(connection, concordance.codes.name, has_target=known.gold is not None)
        if recoded > 0 or known.gold is None:
            objects.put(settings.target, target)
        again = objects.fetch(disagreements_key(settings.target), folder)
        queued, tasks = _queue(connection, name, again)
        counts = {"rows": queued, "recoded": recoded, "unknown": unknown}
        batch = Batch(
            name=name, kind="revision", nomenclature=concordance.codes.name, concordance=settings.concordance,
            gold=settings.target, design=counts,
        )  # fmt: skip
        is_new = queued > 0 and batches.create(objects, batch, tasks)
        arbitration = connection.execute(f"SELECT count(*) FROM queued WHERE queue = '{ARBITRATION}'").fetchone()
        return Revised(recoded, queued, int(arbitration[0]) if arbitration else 0, unknown, name, is_new)


def _recode(connection: Any, nomenclature: str, *, has_target: bool) -> tuple[int, bytes]:
    """The gold set of the new nomenclature with the rows that have one successor; those that it has stay as they are."""
    kept = "UNION ALL BY NAME SELECT * FROM target" if has_target else ""
    new = quoted(nomenclature)
    connection.execute(f"""
        CREATE TEMP TABLE recoded AS
        SELECT source.* REPLACE (candidates[1] AS code, {new} AS nomenclature),
            CASE WHEN source.nomenclature <> {new} THEN source.code END AS code_before
        FROM source JOIN successors USING (nomenclature, code) WHERE len(candidates) = 1 AND id NOT IN (SELECT id FROM target)
    """)
    content = parquet_of(connection, f"SELECT * FROM (SELECT * FROM recoded {kept}) ORDER BY id")
    count = connection.execute("SELECT count(*) FROM recoded").fetchone()
    return int(count[0]) if count else 0, content


def _queue(connection: Any, name: str, again: Path | None) -> tuple[int, bytes]:
    """The tasks for people, and how many."""
    columns = {row[0] for row in connection.execute("DESCRIBE source").fetchall()}
    left_out = ", ".join(column for column in _ANSWER if column in columns)
    connection.execute(f"""
        CREATE TEMP TABLE queued AS
        SELECT source.* EXCLUDE ({left_out}), source.code AS code_before, title AS title_before, candidates,
            '{QUEUE}' AS queue, 'revision' AS sample_reason,
            NULL::VARCHAR AS form
        FROM source JOIN successors USING (nomenclature, code)
        WHERE len(candidates) > 1 AND id NOT IN (SELECT id FROM asked) AND id NOT IN (SELECT id FROM target)
    """)
    if again is not None:
        view(connection, "disagreements", [again], ["id"])
        asked = {row[0] for row in connection.execute("DESCRIBE asked").fetchall()}
        but = f"WHERE id NOT IN (SELECT id FROM asked WHERE queue = '{ARBITRATION}')" if "queue" in asked else ""
        connection.execute(f"""
            INSERT INTO queued BY NAME
            SELECT * EXCLUDE (batch, position) REPLACE ('{ARBITRATION}' AS queue, '{ARBITRATION}' AS sample_reason) FROM disagreements {but}
        """)
    tasks = parquet_of(
        connection,
        f"SELECT *, {quoted(name)} AS batch, row_number() OVER (ORDER BY md5(id), id) - 1 AS position FROM queued ORDER BY position",
    )
    count = connection.execute("SELECT count(*) FROM queued").fetchone()
    return int(count[0]) if count else 0, tasks

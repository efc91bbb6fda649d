"""Chooses what people annotate next."""

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import numpy as np

from . import batches, design
from .batches import Batch
from .nomenclature import concordance_between
from .problems import Problems
from .settings import Confidence, Queue, Sample
from .store import Objects
from .table import (
    FORM_KEY,
    GOLD,
    NEEDED,
    PREDICTED,
    SHADOW,
    connect,
    fetch_records,
    parquet_of,
    quoted,
    records_view,
    view,
)

#: Rows on which people did not agree; the next batch asks somebody else.
DISAGREEMENTS = "annotation/disagreements.parquet"
ARBITRATION = "arbitration"
GENERAL = "general"


@dataclass(frozen=True)
class Sampled:
    """What was done."""

    batch: str
    rows: int
    is_new: bool
    design: dict[str, Any]


def number_of(*texts: str) -> float:
    """A number from 0 up to but without 1 that the texts determine."""
    digest = hashlib.sha256("\n".join(texts).encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64


def queue_expression(queues: tuple[Queue, ...]) -> str:
    """The queue of a row, by the longest beginning of the model's code that a queue names."""
    prefixes = sorted(((prefix, each.name) for each in queues for prefix in each.prefixes), key=lambda each: (-len(each[0]), each))
    cases = "".join(f" WHEN starts_with(code_1, {quoted(prefix)}) THEN {quoted(name)}" for prefix, name in prefixes)
    return f"CASE{cases} ELSE {quoted(GENERAL)} END" if cases else quoted(GENERAL)


def _frame(connection: duckdb.DuckDBPyConnection, seed: str) -> dict[str, Any]:
    """
    The forms that may be asked, in an order that the seed makes at random: of records with the same form the latest one stands for all.
    """
    connection.execute(
        f"""
        CREATE TEMP TABLE frame AS
        WITH forms AS (
            SELECT *, {FORM_KEY} AS form, count(*) OVER (PARTITION BY {FORM_KEY}) AS occurrences FROM records WHERE code_1 IS NOT NULL
            QUALIFY row_number() OVER (PARTITION BY {FORM_KEY} ORDER BY "at" DESC, id DESC) = 1
        )
        SELECT row_number() OVER (ORDER BY md5(? || form), form) - 1 AS place, *
        FROM forms WHERE form NOT IN (SELECT form FROM known) AND id NOT IN (SELECT id FROM known_ids)
        ORDER BY place
    """,
        [seed],
    )
    connection.execute("CREATE TEMP TABLE per_code AS SELECT code_1, count(*) AS forms FROM frame GROUP BY code_1")
    return connection.execute("""
        SELECT
            least(greatest(coalesce(confidence, 0), 0), 1)::DOUBLE AS confidence,
            1.0 / per_code.forms / (1 + coalesce(asked.asked, 0)) AS rarity,
            (shadow_code_1 IS NOT NULL AND shadow_code_1 <> frame.code_1 AND agreements.code_1 IS NULL)::DOUBLE AS disagrees,
            form
        FROM frame JOIN per_code USING (code_1) LEFT JOIN asked ON asked.code_1 = frame.code_1
        LEFT JOIN agreements ON agreements.nomenclature = frame.shadow_nomenclature AND agreements.code_1 = frame.code_1
            AND agreements.successor = frame.shadow_code_1
        ORDER BY place
    """).fetchnumpy()


def _known(connection: duckdb.DuckDBPyConnection, known: batches.Known) -> None:
    """Tables of the forms, records and codes that people were asked about already."""
    connection.execute("CREATE TEMP TABLE known (form VARCHAR, code_1 VARCHAR, id VARCHAR, queue VARCHAR)")
    if known.asked:
        view(connection, "batches", known.asked, [*NEEDED, "code_1", "queue"])
        connection.execute(f"INSERT INTO known SELECT {FORM_KEY}, code_1, id, queue FROM batches")
    if known.gold is not None:
        view(connection, "gold", [known.gold], [*NEEDED, "code_1"])
        connection.execute(f"INSERT INTO known SELECT {FORM_KEY}, code_1, id, NULL FROM gold")
    connection.execute("CREATE TEMP TABLE known_ids AS SELECT DISTINCT id FROM known")
    connection.execute("CREATE TEMP TABLE asked AS SELECT code_1, count(DISTINCT form) AS asked FROM known GROUP BY code_1")


def _arbitration(connection: duckdb.DuckDBPyConnection, file: Path | None, budget: int) -> int:
    """Rows on which people did not agree and that were not asked again, at most as many as the budget; returns how many."""
    if file is None:
        connection.execute("CREATE TEMP TABLE again AS SELECT * EXCLUDE (place), 0.0 AS inclusion_probability FROM frame WHERE false")
        return 0
    view(connection, "disagreements", [file], [*NEEDED, "inclusion_probability", "occurrences"])
    connection.execute(
        f"""
        CREATE TEMP TABLE again AS SELECT * EXCLUDE (queue, sample_reason, batch, position) FROM disagreements
        WHERE id NOT IN (SELECT id FROM known WHERE queue = '{ARBITRATION}') ORDER BY id LIMIT ?
        """,
        [budget],
    )
    found = connection.execute("SELECT count(*) FROM again").fetchone()
    return int(found[0]) if found else 0


def _agreements(connection: duckdb.DuckDBPyConnection, nomenclature: str) -> None:
    """A table of the codes that a version of the next nomenclature may give without disagreeing: successors of the code beside them."""
    connection.execute("CREATE TEMP TABLE agreements (nomenclature VARCHAR, code_1 VARCHAR, successor VARCHAR)")
    found = connection.execute("SELECT DISTINCT shadow_nomenclature, code_1 FROM records WHERE shadow_nomenclature <> ?", [nomenclature])
    rows = [
        [other, code, successor]
        for other, code in found.fetchall()
        if (concordance := concordance_between(nomenclature, other)) is not None
        for successor in concordance.of(code)
    ]
    if rows:
        connection.executemany("INSERT INTO agreements VALUES (?, ?, ?)", rows)


def _check_index(connection: duckdb.DuckDBPyConnection, confidence: Confidence) -> None:
    others = connection.execute("SELECT DISTINCT index FROM records WHERE index <> ? ORDER BY 1", [confidence.index]).fetchall()
    if others:
        raise Problems(
            f"records: index: given {name}, expected {confidence.index}; indexes do not mix: choose days with one" for (name,) in others
        )


def sample(objects: Objects, settings: Sample, confidence: Confidence, nomenclature: str, last: date, name: str) -> Sampled:
    """
    Makes a batch from the records of the last days; the same name, seed and objects give the same bytes.

    :param nomenclature: name of the nomenclature that the model gives codes of
    :param last: the last of the days
    :raises Problems: when there are no records, or tables without what is needed
    """
    existing = next((each for each in batches.read_all(objects) if each.name == name), None)
    if existing is not None:
        return Sampled(name, int(existing.design["rows"]), False, existing.design)
    with TemporaryDirectory() as temporary, connect() as connection:
        folder = Path(temporary)
        files = fetch_records(objects, last, settings.days, folder)
        if not files:
            raise Problems(
                [f"{objects.name('parquet')}: no records in the {settings.days} days until {last}; run the ETL or choose another --date"]
            )
        records_view(connection, "given", files, [*NEEDED, *PREDICTED, *SHADOW])
        # What a model of the old nomenclature has coded: people would answer in the new one, and nobody could say whether it was right.
        connection.execute(
            f"CREATE VIEW records AS SELECT * FROM given WHERE coalesce(nomenclature, {quoted(nomenclature)}) = {quoted(nomenclature)}"
        )
        _agreements(connection, nomenclature)
        _check_index(connection, confidence)
        _known(connection, batches.fetch_known(objects, folder, GOLD, but=name))
        seed = f"{settings.seed}/{name}"
        columns = _frame(connection, seed)
        forms = [str(form) for form in columns["form"]]
        again = _arbitration(connection, objects.fetch(DISAGREEMENTS, folder), settings.budget)
        planned = design.plan(
            settings.budget - again,
            settings.shares.model_dump(),
            {
                "random": np.ones(len(forms)),
                "margin": 1.0 - np.asarray(columns["confidence"], dtype=np.float64),
                "coverage": np.asarray(columns["rarity"], dtype=np.float64),
                "disagreement": np.asarray(columns["disagrees"], dtype=np.float64),
            },
        )
        places = design.choose(planned.probabilities, number_of(seed, "start"))
        draws = np.array([number_of(seed, "reason", forms[place]) for place in places])
        why = design.reasons(planned, places, draws)
        connection.execute("CREATE TEMP TABLE chosen (place BIGINT, reason VARCHAR, probability DOUBLE)")
        if len(places) > 0:
            chosen = [[int(place), reason, float(planned.probabilities[place])] for place, reason in zip(places, why, strict=True)]
            connection.executemany("INSERT INTO chosen VALUES (?, ?, ?)", chosen)
        described = {
            "seed": settings.seed,
            "first": files[0].name.split("=")[1][:10],
            "last": last.isoformat(),
            "frame": len(forms),
            "budget": settings.budget,
            "rows": len(places) + again,
            "shares": settings.shares.model_dump(),
            "reasons": {reason: why.count(reason) for reason in design.REASONS} | {ARBITRATION: again},
        }
        tasks = parquet_of(connection, _tasks(settings.queues, name))
    batch = Batch(name=name, kind="sample", nomenclature=nomenclature, gold=GOLD, design=described)
    return Sampled(name, len(places) + again, batches.create(objects, batch, tasks), described)


def _tasks(queues: tuple[Queue, ...], batch: str) -> str:
    """
    The rows of a batch: those on which people did not agree, then the others in the order of the draw, in which neighbours are
    unrelated.
    """
    return f"""
        SELECT * EXCLUDE (priority, place), {quoted(batch)} AS batch, row_number() OVER (ORDER BY priority, place, id) - 1 AS position
        FROM (
            SELECT frame.*, 1 AS priority, probability AS inclusion_probability, chosen.reason AS sample_reason,
                {queue_expression(queues)} AS queue
            FROM frame JOIN chosen USING (place)
            UNION ALL BY NAME
            SELECT *, 0 AS priority, 0 AS place, '{ARBITRATION}' AS sample_reason, '{ARBITRATION}' AS queue FROM again
        ) ORDER BY position
    """

"""Whether the challenger beats the champion: on the gold set, and beside it on what really came in."""

from dataclasses import dataclass
from datetime import date
from math import comb
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from .figures import Figures
from .nomenclature import concordance_between
from .problems import Problems
from .registry import Version
from .settings import REVISED, Confidence, Promotion, Shadow
from .store import Objects
from .table import FORM_KEY, GOLD, NEEDED, PREDICTED, SHADOW, connect, fetch_records, gold_view, quoted, records_view, rows_of


@dataclass(frozen=True)
class Comparison:
    """What both said about the same records; shares are of records, better and worse of forms that people coded."""

    records: int
    automatic: float
    challenger_automatic: float
    agreeing: float
    annotated: int
    better: int
    worse: int
    #: Nomenclature of the champion, where the challenger has the one that it was revised into.
    recoded_from: str | None = None

    @property
    def chance(self) -> float:
        """How likely it is to be better at least as often as it was, were both equally good (sign test)."""
        count = self.better + self.worse
        return float(sum(comb(count, each) for each in range(self.better, count + 1)) / 2**count)


def _successors(connection: Any) -> str | None:
    """
    A table of the codes of the champion with what they mean in the nomenclature of the challenger: themselves, or their successors where
    that is the next one; returns the name of the old one, or None when both have the same.

    :raises Problems: when there is no way from the one to the other
    """
    connection.execute("CREATE TEMP TABLE successors (code VARCHAR, successor VARCHAR)")
    found = rows_of(
        connection,
        """SELECT DISTINCT nomenclature AS before, shadow_nomenclature AS after FROM pairs
            WHERE nomenclature <> shadow_nomenclature ORDER BY ALL""",
    )
    ways = [(each, concordance_between(each["before"], each["after"])) for each in found]
    if lost := [each for each, way in ways if way is None]:
        raise Problems(
            f"records: the champion codes in {each['before']}, the challenger in {each['after']}, and no concordance leads there; "
            "compare versions of one nomenclature"
            for each in lost
        )
    codes = [code for (code,) in connection.execute("SELECT DISTINCT code_1 FROM pairs ORDER BY code_1").fetchall()]
    known = [[code, successor] for _, way in ways if way is not None for code in codes for successor in way.of(code)]
    if not ways:
        known = [[code, code] for code in codes]
    if known:
        connection.executemany("INSERT INTO successors VALUES (?, ?)", known)
    return found[0]["before"] if found else None


def _truth(connection: Any, objects: Objects, folder: Path) -> bool:
    """The view of what people said, in the nomenclature of the challenger; returns whether there is any."""
    [(before, after)] = connection.execute("SELECT max(nomenclature), max(shadow_nomenclature) FROM pairs").fetchall()
    # Records that do not tell their nomenclature are older than any revision.
    keys = (GOLD,) if after is None else (GOLD, REVISED)
    kept = [file for key in keys if (file := objects.fetch(key, folder)) is not None]
    for number, file in enumerate(kept):
        gold_view(connection, f"gold_{number}", file, [*NEEDED, "annotated_at"])
    if not kept:
        return False
    columns = f"{FORM_KEY} AS form, code, annotated_at, nomenclature"
    said = " UNION ALL ".join(f"SELECT {columns} FROM gold_{number}" for number in range(len(kept)))
    older, wanted = quoted(before or after or ""), quoted(after or "")
    ours = "true" if after is None else f"coalesce(nomenclature, {older}) = {wanted}"
    connection.execute(
        f"CREATE TEMP TABLE truth AS SELECT form, arg_max(code, annotated_at) AS code FROM ({said}) WHERE {ours} GROUP BY form"
    )
    return True


#: What a code of the champion may mean in the nomenclature of the challenger: itself, or its successors.
_MEANT = "coalesce((SELECT list(successor) FROM successors WHERE successors.code = {0}), [])"


def compare(objects: Objects, shadow: Shadow, confidence: Confidence, champion: str, challenger: str, last: date) -> Comparison:
    """
    Compares both on the records of the last days that both have coded; the truth is what the gold set says about the same form, in the
    nomenclature of the challenger. A champion of the nomenclature before a revision is judged by the successors of its codes; where one of
    several is right, it has left open which, and the form speaks for neither.

    :raises Problems: when the records have another index of confidence, or nomenclatures of which none was revised into the other
    """
    with TemporaryDirectory() as temporary, connect() as connection:
        folder = Path(temporary)
        files = fetch_records(objects, last, shadow.days, folder)
        if not files:
            return Comparison(0, 0.0, 0.0, 0.0, 0, 0, 0)
        records_view(connection, "records", files, [*NEEDED, *PREDICTED, *SHADOW])
        connection.execute(
            f"""
            CREATE TEMP TABLE pairs AS SELECT {FORM_KEY} AS form, code_1, shadow_code_1, confidence, shadow_confidence, index,
                nomenclature, shadow_nomenclature
            FROM records WHERE model_version = ? AND shadow_version = ? AND code_1 IS NOT NULL AND shadow_code_1 IS NOT NULL
        """,
            [champion, challenger],
        )
        others = rows_of(connection, "SELECT DISTINCT index FROM pairs WHERE index <> ? ORDER BY index", [confidence.index])
        if others:
            raise Problems(f"records: index: given {each['index']}, expected {confidence.index}; choose days with one" for each in others)
        recoded_from = _successors(connection)
        [figures] = rows_of(
            connection,
            f"""SELECT count(*) AS records, coalesce(avg((confidence >= $1)::INT), 0) AS automatic,
                coalesce(avg((shadow_confidence >= $1)::INT), 0) AS challenger_automatic,
                coalesce(avg(list_contains({_MEANT.format("code_1")}, shadow_code_1)::INT), 0) AS agreeing FROM pairs""",
            [confidence.threshold],
        )
        truth: dict[str, Any] = {"annotated": 0, "better": 0, "worse": 0}
        if _truth(connection, objects, folder):
            [truth] = rows_of(
                connection,
                f"""
                WITH judged AS (
                    SELECT form, any_value(truth.code) AS code, any_value(code_1) AS champion, any_value(shadow_code_1) AS challenger
                    FROM pairs JOIN truth USING (form) GROUP BY form
                ),
                marked AS (SELECT code, challenger, {_MEANT.format("champion")} AS meant FROM judged)
                SELECT count(*) AS annotated, count(*) FILTER (challenger = code AND NOT list_contains(meant, code)) AS better,
                    count(*) FILTER (challenger <> code AND meant = [code]) AS worse FROM marked
            """,
            )
        return Comparison(**figures, **truth, recoded_from=recoded_from)


def unfit(challenger: Version) -> list[str]:
    """Why a version may not challenge at all: `nace_training select` checks each and says so by a tag."""
    gate, why = challenger.tags.get("gate", "was never checked"), challenger.tags.get("gate.reason", "")
    if gate == "passed":
        return []
    return [f"gate: version {challenger.number}: {gate}{f' ({why})' if why else ''}; run `python -m nace_training select`, which checks it"]


def objections(settings: Promotion, challenger: Version, figures: Figures, comparison: Comparison | None) -> list[str]:
    """
    Everything that speaks against the promotion.

    :param comparison: None when there is no champion to beat
    """
    found = [*unfit(challenger), *figures.objections]
    if comparison is None:
        return found
    own, theirs = figures.own, figures.theirs
    if own is not None and theirs is not None and not (own > theirs and own - theirs >= settings.minimum_gain):
        found.append(f"gold set: {figures.name} {own:.4f} does not beat {theirs:.4f} by {settings.minimum_gain:g}")
    shadow = settings.shadow
    if comparison.records < shadow.minimum_rows:
        found.append(
            f"shadow: {comparison.records} records that both have coded in {shadow.days} days, at least {shadow.minimum_rows} are needed"
        )
    if comparison.annotated < shadow.minimum_annotated:
        found.append(f"shadow: {comparison.annotated} of these forms are annotated, at least {shadow.minimum_annotated} are needed")
    elif comparison.annotated > 0 and comparison.better <= comparison.worse:
        found.append(f"shadow: better on {comparison.better} and worse on {comparison.worse} of {comparison.annotated} annotated forms")
    return found

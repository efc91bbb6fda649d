"""Whether the challenger beats the champion: on the gold set, and beside it on what really came in."""

from dataclasses import dataclass
from datetime import date
from math import comb
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from .figures import Figures
from .problems import Problems
from .registry import Version
from .settings import Confidence, Promotion, Shadow
from .store import Objects
from .table import FORM_KEY, GOLD, NEEDED, PREDICTED, SHADOW, connect, fetch_records, gold_view, rows_of, view


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

    @property
    def chance(self) -> float:
        """How likely it is to be better at least as often as it was, were both equally good (sign test)."""
        count = self.better + self.worse
        return float(sum(comb(count, each) for each in range(self.better, count + 1)) / 2**count)


def compare(objects: Objects, shadow: Shadow, confidence: Confidence, champion: str, challenger: str, last: date) -> Comparison:
    """
    Compares both on the records of the last days that both have coded; the truth is what the gold set says about the same form.

    :raises Problems: when the records have another index of confidence
    """
    with TemporaryDirectory() as temporary, connect() as connection:
        folder = Path(temporary)
        files = fetch_records(objects, last, shadow.days, folder)
        if not files:
            return Comparison(0, 0.0, 0.0, 0.0, 0, 0, 0)
        view(connection, "records", files, [*NEEDED, *PREDICTED, *SHADOW])
        connection.execute(
            f"""
            CREATE TEMP TABLE pairs AS SELECT {FORM_KEY} AS form, code_1, shadow_code_1, confidence, shadow_confidence, index
            FROM records WHERE model_version = ? AND shadow_version = ? AND code_1 IS NOT NULL AND shadow_code_1 IS NOT NULL
        """,
            [champion, challenger],
        )
        others = rows_of(connection, "SELECT DISTINCT index FROM pairs WHERE index <> ? ORDER BY index", [confidence.index])
        if others:
            raise Problems(f"records: index: given {each['index']}, expected {confidence.index}; choose days with one" for each in others)
        [figures] = rows_of(
            connection,
            """SELECT count(*) AS records, coalesce(avg((confidence >= $1)::INT), 0) AS automatic,
                coalesce(avg((shadow_confidence >= $1)::INT), 0) AS challenger_automatic,
                coalesce(avg((code_1 = shadow_code_1)::INT), 0) AS agreeing FROM pairs""",
            [confidence.threshold],
        )
        truth: dict[str, Any] = {"annotated": 0, "better": 0, "worse": 0}
        gold = objects.fetch(GOLD, folder)
        if gold is not None:
            gold_view(connection, "gold", gold, [*NEEDED, "annotated_at"])
            [truth] = rows_of(
                connection,
                f"""
                WITH truth AS (SELECT {FORM_KEY} AS form, arg_max(code, annotated_at) AS code FROM gold GROUP BY form),
                judged AS (
                    SELECT form, any_value(truth.code) AS code, any_value(code_1) AS champion, any_value(shadow_code_1) AS challenger
                    FROM pairs JOIN truth USING (form) GROUP BY form
                )
                SELECT count(*) AS annotated, count(*) FILTER (challenger = code AND champion <> code) AS better,
                    count(*) FILTER (champion = code AND challenger <> code) AS worse FROM judged
            """,
            )
        return Comparison(**figures, **truth)


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

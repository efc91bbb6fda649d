"""The figures of every panel over the fixture, as computed by hand."""

import datetime
import json
import math
from fractions import Fraction

import duckdb
import fixture
import pytest
from conftest import Panel

from nace_dashboard.configuration import configuration_of
from nace_dashboard.database import connect, open_views, panels, rows_of

FIRST, SECOND, THIRD = datetime.date(2026, 1, 5), datetime.date(2026, 1, 6), datetime.date(2026, 2, 2)
SEEN: set[str] = set()


def values(panel: Panel, name: str, *columns: str) -> list[tuple[object, ...]]:
    SEEN.add(name)
    return [tuple(row[column] for column in columns) for row in panel(name)]


def test_requests_per_day(panel: Panel) -> None:
    found = values(panel, "requests-per-day", "date", "requests", "descriptions", "automatic", "without_model", "automatic_share")
    assert found == [(FIRST, 4, 6, 3, 1, 0.5), (SECOND, 4, 6, 3, 0, 0.5), (THIRD, 5, 8, 4, 0, 0.5)]


def test_requests_per_week(panel: Panel) -> None:
    found = values(panel, "requests-per-week", "week", "requests", "descriptions", "automatic", "automatic_share")
    assert found == [(FIRST, 8, 12, 6, 0.5), (THIRD, 5, 8, 4, 0.5)]


def test_automatic_share_by_threshold(panel: Panel) -> None:
    found = {
        threshold: (automatic, share)
        for threshold, automatic, share in values(panel, "automatic-share-by-threshold", "threshold", "automatic", "automatic_share")
    }
    assert len(found) == 101
    assert [found[threshold] for threshold in (0.0, 0.79, 0.8, 0.81, 0.9, 1.0)] == [
        (19, 0.95),
        (11, 0.55),
        (10, 0.5),
        (9, 0.45),
        (6, 0.3),
        (1, 0.05),
    ]


def test_confidence_distribution(panel: Panel) -> None:
    found = values(panel, "confidence-distribution", "bin_from", "descriptions", "automatic")
    low = [(place / 20, 1, 0) for place in (1, 2, 4, 6, 8, 9, 11, 12, 15)]
    assert found == [*low, (0.8, 2, 2), (0.85, 2, 2), (0.9, 2, 2), (0.95, 4, 4)]


def test_window_comparison(panel: Panel) -> None:
    found = {
        row[0]: row[1:]
        for row in values(panel, "window-comparison", "bin_from", "reference", "current", "reference_share", "current_share")
    }
    assert found[0.95] == (3, 1, 0.25, 0.125)
    assert found[0.55] == (0, 1, 0, 0.125)
    assert found[None] == (1, 0, 1 / 12, 0)
    assert sum(row[0] for row in found.values()) == 12  # type: ignore[misc]
    assert sum(row[1] for row in found.values()) == 8  # type: ignore[misc]


def test_window_metrics(panel: Panel) -> None:
    found = {row["aspect"]: row for row in panel("window-metrics")}
    SEEN.add("window-metrics")
    section = found["level_1"]
    # Reference: 3 of A, G and I, 2 of Q, 1 without a model. Current: 1 of G, 5 of I, 2 of Q.
    coefficient = math.sqrt(1 / 4 * 1 / 8) + math.sqrt(1 / 4 * 5 / 8) + math.sqrt(1 / 6 * 1 / 4)
    assert (section["reference_rows"], section["current_rows"], section["bins"], section["chi_squared_degrees"]) == (12, 8, 5, 4)
    assert section["bhattacharyya"] == pytest.approx(-math.log(coefficient))
    assert section["hellinger"] == pytest.approx(math.sqrt(1 - coefficient))
    assert section["chi_squared"] == pytest.approx(2 + 0.375 + 1.6875 + 1 / 6 + 2 / 3)
    p, q = (3.5, 3.5, 3.5, 2.5, 1.5), (0.5, 1.5, 5.5, 2.5, 0.5)
    assert section["kullback_leibler"] == pytest.approx(sum(b / 10.5 * math.log(b / 10.5 / (a / 14.5)) for a, b in zip(p, q, strict=True)))
    assert section["kolmogorov_smirnov"] is None
    # At 0.60 a quarter of the reference lies below, and half of the current window.
    assert found["confidence"]["kolmogorov_smirnov"] == pytest.approx(0.25)
    assert sorted(found) == ["confidence", *(f"level_{level}" for level in range(1, 6))]


def test_codes_by_level(panel: Panel) -> None:
    found = values(panel, "codes-by-level", "level", "code", "descriptions", "share", "label")
    assert [row[:3] for row in found if row[0] == 1] == [(1, "I", 8), (1, "G", 4), (1, "Q", 4), (1, "A", 3)]
    assert [row[1:3] for row in found if row[0] == 4] == [("5610", 8), ("4711", 4), ("8621", 4), ("0111", 3)]
    assert [row[1:3] for row in found if row[0] == 5] == [("5610A", 7), ("4711B", 4), ("8621Z", 4), ("0111Z", 3), ("5610C", 1)]
    assert found[0][3] == pytest.approx(8 / 19)
    assert next(row[4] for row in found if row[1] == "5610A") == "Restauration traditionnelle"


def test_confidence_by_level(panel: Panel) -> None:
    found = [
        row
        for row in values(panel, "confidence-by-level", "level", "code", "descriptions", "mean_confidence", "automatic_share")
        if row[0] == 1
    ]
    assert [row[1] for row in found] == ["I", "A", "G", "Q"]
    assert [row[3] for row in found] == pytest.approx([4.97 / 8, 1.9 / 3, 0.66, 0.74])
    assert [row[4] for row in found] == pytest.approx([1 / 2, 2 / 3, 1 / 2, 1 / 2])


def test_words_and_sentences(panel: Panel) -> None:
    assert values(panel, "words-per-label", "words", "descriptions") == [(1, 4), (3, 10), (5, 5), (30, 1)]
    assert values(panel, "sentences-per-label", "sentences", "descriptions") == [(1, 18), (2, 1), (10, 1)]
    assert values(panel, "frequent-words", "word", "descriptions") == [("bois", 6), ("pain", 6), ("vin", 1)]


def test_models_per_day(panel: Panel) -> None:
    found = values(panel, "models-per-day", "date", "model_version", "descriptions", "automatic_share")
    assert found == [(FIRST, "1", 6, 0.5), (SECOND, "1", 6, 0.5), (THIRD, "1", 4, 0.75), (THIRD, "2", 4, 0.25)]


def test_shadow_agreement(panel: Panel) -> None:
    assert values(panel, "shadow-agreement", "shadow_version", "descriptions", "level_1", "level_4", "level_5") == [
        ("2", 4, 0.75, 0.75, 0.5)
    ]


def test_records_left_out(panel: Panel) -> None:
    assert values(panel, "records-left-out", "index", "descriptions", "first") == [("difference-to-all", 1, FIRST)]


def test_gold_summary(panel: Panel) -> None:
    columns = ("annotated", "automatic", "automatic_share", "accuracy", "accuracy_automatic", "accuracy_model")
    assert values(panel, "gold-summary", *columns) == [pytest.approx((19, 10, 10 / 19, 16 / 19, 7 / 10, 11 / 19))]


def test_gold_confidence(panel: Panel) -> None:
    found = {row[0]: row[1:] for row in values(panel, "gold-confidence", "bin_from", "correct", "wrong")}
    assert [found[bin_from] for bin_from in (0.95, 0.9, 0.85, 0.8, 0.75, 0.6, 0.05)] == [
        (3, 1),
        (2, 0),
        (1, 1),
        (1, 1),
        (0, 1),
        (1, 0),
        (1, 0),
    ]
    assert sum(correct + wrong for correct, wrong in found.values()) == 18  # type: ignore[operator]


def test_accuracy_by_level(panel: Panel) -> None:
    found = {row[:2]: row[2:] for row in values(panel, "accuracy-by-level", "level", "population", "annotated", "accuracy")}
    expected = {"total": (19, [18, 18, 18, 17, 16]), "automatic": (10, [9, 9, 9, 8, 7]), "manual": (9, [6, 6, 6, 6, 4])}
    for population, (annotated, correct) in expected.items():
        for level in range(1, 6):
            assert found[level, population] == (annotated, pytest.approx(correct[level - 1] / annotated)), (population, level)
    assert len(found) == 15


def test_accuracy_by_threshold(panel: Panel) -> None:
    found = {
        row[0]: row[1:] for row in values(panel, "accuracy-by-threshold", "threshold", "automatic_share", "accuracy", "accuracy_automatic")
    }
    assert len(found) == 21
    assert found[0.0] == pytest.approx((18 / 19, 12 / 19, 11 / 18))
    assert found[0.8] == pytest.approx((10 / 19, 16 / 19, 7 / 10))
    assert found[0.95] == pytest.approx((4 / 19, 18 / 19, 3 / 4))
    assert found[1.0] == pytest.approx((1 / 19, 1, 1))


def test_top_five(panel: Panel) -> None:
    found = {row[:2]: row[2] for row in values(panel, "top-five", "population", "k", "accuracy")}
    assert [found["automatic", k] for k in range(1, 6)] == pytest.approx([0.7, 0.9, 0.9, 0.9, 0.9])
    assert [found["manual", k] for k in range(1, 6)] == pytest.approx([4 / 9, 4 / 9, 5 / 9, 5 / 9, 6 / 9])


def test_monthly_accuracy(panel: Panel) -> None:
    found = values(panel, "monthly-accuracy", "month", "annotated", "accuracy", "low", "high")
    assert [row[:2] for row in found] == [(datetime.date(2026, 1, 1), 12), (datetime.date(2026, 2, 1), 7)]
    assert [row[2] for row in found] == pytest.approx([10 / 12, 6 / 7])
    for (*_, low, high), (rows, correct) in zip(found, ((12, 10), (7, 6)), strict=True):
        assert (low, high) == pytest.approx((_quantile(rows, correct, "0.025"), _quantile(rows, correct, "0.975")))


def _quantile(rows: int, correct: int, share: str) -> float:
    """Accuracy that so many of all resamples have at most, by exact numbers."""
    hit = Fraction(correct, rows)
    reached = Fraction(0)
    for hits in range(rows + 1):
        reached += math.comb(rows, hits) * hit**hits * (1 - hit) ** (rows - hits)
        if reached >= Fraction(share):
            return hits / rows
    raise AssertionError("the probabilities do not sum to one")


def test_monthly_accuracy_of_months_without_error_and_of_many_rows() -> None:
    connection = duckdb.connect()
    connection.execute(
        """CREATE TABLE gold AS SELECT TIMESTAMP '2026-01-15' AS "at", 0.9 AS confidence, '0111Z' AS code_1, '0111Z' AS code FROM range(50)
        UNION ALL SELECT TIMESTAMP '2026-02-15', 0.9, '0111Z', '0112Z' FROM range(50)
        UNION ALL SELECT TIMESTAMP '2026-03-15', 0.9, '0111Z', CASE WHEN i < 60000 THEN '0111Z' ELSE '0112Z' END FROM range(100000) AS rows(i)"""
    )
    first, second, third = ((row["accuracy"], row["low"], row["high"]) for row in rows_of(connection, "monthly-accuracy", {"threshold": 0.8}))
    assert (first, second) == ((1, 1, 1), (0, 0, 0))
    spread = 1.96 * math.sqrt(0.6 * 0.4 / 100_000)
    assert third == pytest.approx((0.6, 0.6 - spread, 0.6 + spread), abs=2e-5)


@pytest.fixture(scope="module")
def revised(tmp_path_factory: pytest.TempPathFactory) -> Panel:
    """The fixture in NAF rev. 2 for the first two days, as records of before the field, and in NACE Rev. 2.1 on the third."""
    folder = tmp_path_factory.mktemp("revised")
    fixture.write(folder)
    connection = duckdb.connect()
    last, gold = folder / "parquet/date=2026-02-02/records.parquet", folder / "gold/gold.parquet"
    became = (
        "CASE {0} WHEN '5610A' THEN '5611' WHEN '5610C' THEN '5612' WHEN '4711B' THEN '4711' WHEN '8621Z' THEN '8621' ELSE {0} END AS {0}"
    )
    names = "'NACE Rev. 2.1' AS nomenclature, 'NAF rev. 2' AS shadow_nomenclature"
    for file, day in ((last, "true"), (gold, "\"at\" >= '2026-02-02'")):
        own = [became.format(column) for column in ("code_1", *(() if file == last else ("code",)))]
        connection.execute(
            f"""CREATE OR REPLACE TABLE turned AS SELECT * REPLACE ({", ".join(own)}), {names} FROM '{file}' WHERE {day}
            UNION ALL BY NAME SELECT *, 'NAF rev. 2' AS nomenclature FROM '{file}' WHERE NOT ({day}) ORDER BY id"""
        )
        connection.execute(f"COPY turned TO '{file}'")
    (folder / "monitoring.json").write_text(json.dumps(fixture.CONFIG))
    told = {"NACE_DATA": str(folder), "NACE_CONFIG": str(folder / "monitoring.json")}
    opened = connect(told)
    parameters = open_views(opened, configuration_of(told), str(folder))
    assert parameters["current_nomenclature"] == "NACE Rev. 2.1"
    return lambda name: rows_of(opened, name, parameters)


def test_records_of_two_nomenclatures_stand_in_one_table(revised: Panel) -> None:
    rows = [row for row in revised("codes-by-level") if row["level"] == 1]
    assert [(row["nomenclature"], row["code"], row["descriptions"]) for row in rows] == [
        ("NACE Rev. 2.1", "I", 5),
        ("NAF rev. 2", "A", 3),
        ("NAF rev. 2", "G", 3),
        ("NAF rev. 2", "I", 3),
        ("NAF rev. 2", "Q", 2),
        ("NACE Rev. 2.1", "R", 2),
        ("NACE Rev. 2.1", "G", 1),
    ]
    # Health is section Q of the one and R of the other.
    labels = {(row["nomenclature"], row["code"]): row["label"] for row in rows}
    assert "SANTÉ" in str(labels["NAF rev. 2", "Q"]).upper() and "HEALTH" in str(labels["NACE Rev. 2.1", "R"]).upper()
    shares = [sum(float(str(row["share"])) for row in rows if row["nomenclature"] == name) for name in ("NAF rev. 2", "NACE Rev. 2.1")]
    assert shares == pytest.approx([1, 1])
    assert {row["nomenclature"] for row in revised("confidence-by-level")} == {"NAF rev. 2", "NACE Rev. 2.1"}


def test_each_record_is_judged_in_its_own_nomenclature(revised: Panel) -> None:
    found = {(row["level"], row["population"]): row["accuracy"] for row in revised("accuracy-by-level")}
    sections = [found[1, name] for name in ("total", "automatic", "manual")]
    assert sections == pytest.approx([18 / 19, 9 / 10, 6 / 9])
    assert sum(int(str(row["annotated"])) for row in revised("monthly-accuracy")) == 19


def test_windows_and_versions_of_two_nomenclatures_are_not_compared(revised: Panel) -> None:
    assert revised("window-metrics") == []
    assert sum(int(str(row["reference"])) for row in revised("window-comparison")) == 0
    assert revised("shadow-agreement") == []


def test_every_panel_is_proven() -> None:
    assert set(panels()) == SEEN

import math
from collections import Counter
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from conftest import CODES, DAY, MARGIN, parquet, record, rows_in, write_records

from nace_annotation import design
from nace_annotation.problems import Problems
from nace_annotation.sample import sample
from nace_annotation.settings import Queue, Sample, Shares
from nace_annotation.store import Objects

SHARES = Shares(random=0.4, margin=0.3, coverage=0.2, disagreement=0.1)


def settings(budget: int = 50, **more: object) -> Sample:
    return Sample.model_validate({"budget": budget, "days": 7, "seed": 1, "shares": SHARES, **more})


def chosen(folder: Path, batch: str = "b1") -> list[dict[str, object]]:
    return rows_in(folder / f"annotation/batches/{batch}/tasks.parquet")


def test_probabilities_sum_to_the_budget_and_none_exceeds_one() -> None:
    generator = np.random.default_rng(0)
    weights = {
        "random": np.ones(1000),
        "margin": generator.random(1000),
        "coverage": generator.pareto(0.5, 1000),
        "disagreement": (np.arange(1000) < 3).astype(float),
    }
    planned = design.plan(100, SHARES.model_dump(), weights)
    assert math.isclose(planned.probabilities.sum(), 100)
    assert planned.probabilities.max() == 1.0
    assert planned.probabilities.min() >= 0.4 * 100 / 1000
    assert len(design.choose(planned.probabilities, 0.37)) == 100


def test_the_share_of_a_reason_without_weight_goes_to_random() -> None:
    weights = {"random": np.ones(10), "margin": np.ones(10), "coverage": np.ones(10), "disagreement": np.zeros(10)}
    planned = design.plan(5, SHARES.model_dump(), weights)
    assert planned.parts["random"].sum() == pytest.approx(2.5)


def test_each_form_is_chosen_with_its_probability() -> None:
    probabilities = np.array([0.5, 1.0, 0.25, 0.05, 0.2, 0.7, 0.3])
    counts = np.zeros(7)
    for start in (np.arange(1000) + 0.5) / 1000:
        counts[design.choose(probabilities, start)] += 1
    assert counts / 1000 == pytest.approx(probabilities, abs=0.002)


def test_estimates_with_the_inclusion_probabilities_are_unbiased() -> None:
    """Over many seeds the mean of the weighted estimates is the truth, and the plain mean of the rows with the reason random too."""
    generator = np.random.default_rng(1)
    size, budget = 400, 60
    margin = generator.random(size)
    truth = (generator.random(size) < 1 - 0.7 * margin).astype(float)
    weights = {"random": np.ones(size), "margin": margin**4, "coverage": generator.pareto(1.0, size), "disagreement": np.zeros(size)}
    weighted, plain, naive = [], [], []
    for _ in range(3000):
        order = generator.permutation(size)
        planned = design.plan(budget, SHARES.model_dump(), {name: each[order] for name, each in weights.items()})
        places = design.choose(planned.probabilities, generator.random())
        why = design.reasons(planned, places, generator.random(len(places)))
        values = truth[order][places]
        weighted.append((values / planned.probabilities[places]).sum() / size)
        at_random = [value for value, reason in zip(values, why, strict=True) if reason == "random"]
        plain.append((np.mean(at_random), len(at_random)))
        naive.append(values.mean())
    means, counts = np.array(plain).T
    assert np.mean(weighted) == pytest.approx(truth.mean(), abs=0.006)
    assert np.average(means, weights=counts) == pytest.approx(truth.mean(), abs=0.006)
    # Without the weights it would be wrong, so the test could see it.
    assert abs(np.mean(naive) - truth.mean()) > 0.02


def test_a_batch_has_what_was_asked_for(objects: Objects, folder: Path) -> None:
    rows = [record(number, probability_1=0.11 if number < 40 else 1.0) for number in range(400)]
    rows += [record(400 + number, code_1="9602A", probability_1=1.0, shadow_code_1="0111Z", shadow_version="4") for number in range(5)]
    write_records(folder, rows)
    done = sample(objects, settings(), MARGIN, "NAF rev. 2", DAY, "b1")
    found = chosen(folder)
    assert done.is_new and done.rows == 50 == len(found) == len({row["id"] for row in found})
    assert done.design["frame"] == 405
    by_reason = Counter(row["sample_reason"] for row in found)
    assert set(by_reason) == {"random", "margin", "coverage", "disagreement"}
    assert {row["id"] for row in found if row["sample_reason"] == "disagreement"} <= {f"r{n:06d}" for n in range(400, 405)}
    assert {row["code_1"] for row in found} == set(CODES)
    unsure = [row for row in found if row["id"] < "r000040"]
    assert len(unsure) > 10  # one of ten records is unsure, and they are much more of the sample
    assert [row["position"] for row in found] == list(range(50))
    assert all(0 < row["inclusion_probability"] <= 1 for row in found)


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(objects: Objects, folder: Path) -> None:
    write_records(folder, [record(number) for number in range(300)])
    file = folder / "annotation/batches/b1/tasks.parquet"
    sample(objects, settings(), MARGIN, "NAF rev. 2", DAY, "b1")
    first = file.read_bytes()
    assert not sample(objects, settings(), MARGIN, "NAF rev. 2", DAY, "b1").is_new
    for other in file.parent.iterdir():
        other.unlink()
    sample(objects, settings(), MARGIN, "NAF rev. 2", DAY, "b1")
    assert file.read_bytes() == first
    for other in file.parent.iterdir():
        other.unlink()
    sample(objects, settings(seed=2), MARGIN, "NAF rev. 2", DAY, "b1")
    assert file.read_bytes() != first


def test_what_was_asked_or_answered_is_not_asked_again(objects: Objects, folder: Path) -> None:
    write_records(folder, [record(number) for number in range(60)])
    parquet(folder / "gold/gold.parquet", [record(5) | {"code": "0111Z"}], {"code": "VARCHAR"})
    sample(objects, settings(30), MARGIN, "NAF rev. 2", DAY, "b1")
    # The same words come again the next day, with another identifier.
    write_records(folder, [record(number, id=f"s{number}") for number in range(60)], DAY + timedelta(days=1))
    done = sample(objects, settings(100), MARGIN, "NAF rev. 2", DAY + timedelta(days=1), "b2")
    texts = [row["text"] for row in chosen(folder)] + [row["text"] for row in chosen(folder, "b2")]
    assert done.rows == 29
    assert len(texts) == len(set(texts)) == 59
    assert "Activité 5" not in texts


def test_the_same_words_are_asked_once_and_counted(objects: Objects, folder: Path) -> None:
    write_records(folder, [record(number, text_clean="restaurant", text=f"Restaurant {number}") for number in range(7)] + [record(8)])
    sample(objects, settings(10), MARGIN, "NAF rev. 2", DAY, "b1")
    assert sorted((row["id"], row["occurrences"]) for row in chosen(folder)) == [("r000006", 7), ("r000008", 1)]


def test_what_the_model_was_not_asked_is_not_for_people(objects: Objects, folder: Path) -> None:
    empty = {"code_1": None, "confidence": None, "reason": "empty"}
    write_records(folder, [record(number) | (empty if number % 2 else {}) for number in range(40)])
    done = sample(objects, settings(15), MARGIN, "NAF rev. 2", DAY, "b1")
    assert done.design["frame"] == 20 and done.rows == len(chosen(folder)) == 15
    assert all(row["code_1"] is not None for row in chosen(folder))


def test_specialists_get_their_codes_by_the_longest_prefix(objects: Objects, folder: Path) -> None:
    write_records(folder, [record(number) for number in range(12)])
    queues = (Queue(name="agri", prefixes=("01",)), Queue(name="rice", prefixes=("0112",)))
    sample(objects, settings(12, queues=queues), MARGIN, "NAF rev. 2", DAY, "b1")
    queue_of = {row["code_1"]: row["queue"] for row in chosen(folder)}
    assert queue_of == {"0111Z": "agri", "0112Z": "rice", "4711A": "general", "5610A": "general", "6201Z": "general", "9602A": "general"}


def test_another_index_is_refused(objects: Objects, folder: Path) -> None:
    write_records(folder, [record(1, index="p1")])
    with pytest.raises(Problems, match="given p1, expected margin"):
        sample(objects, settings(), MARGIN, "NAF rev. 2", DAY, "b1")


def test_days_without_records_are_refused(objects: Objects) -> None:
    with pytest.raises(Problems, match="no records in the 7 days until 2026-01-31"):
        sample(objects, settings(), MARGIN, "NAF rev. 2", DAY, "b1")


def test_a_table_without_columns_is_refused_with_all_of_them(objects: Objects, folder: Path) -> None:
    import duckdb

    file = folder / f"parquet/date={DAY}/records.parquet"
    file.parent.mkdir(parents=True)
    duckdb.sql(f"COPY (SELECT 'a' AS id) TO '{file}' (FORMAT parquet)")
    with pytest.raises(Problems) as refused:
        sample(objects, settings(), MARGIN, "NAF rev. 2", DAY, "b1")
    assert len(refused.value.problems) > 20
    assert "column text_clean: is missing" in str(refused.value)

"""Accuracy from confidences: right while it is calibrated, contradicted by annotations when it is not."""

import numpy as np
import pytest

from nace_monitoring.accuracy import calibrate, calibration_of, estimate, observed
from nace_monitoring.problems import BadInput


def sample(rows: int, seed: int, low: float = 0.0) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    """Confidences, and answers that are right with the probability 0.3 + 0.7 c²."""
    random = np.random.default_rng(seed)
    confidence = random.beta(2, 1 + low, rows)
    return confidence, random.random(rows) < 0.3 + 0.7 * confidence**2


def test_the_band_holds_the_accuracy_as_often_as_it_says() -> None:
    inside = 0
    for seed in range(100):
        table = calibrate(*sample(1000, 2 * seed), "test")
        confidence, correct = sample(800, 2 * seed + 1)
        told = estimate(table, confidence, seed)
        assert told.low < told.value < told.high
        inside += told.low <= correct.mean() <= told.high
    assert 88 <= inside <= 100


def test_lower_confidences_lower_the_estimate_as_they_lower_the_accuracy() -> None:
    table = calibrate(*sample(4000, 1), "test")
    confidence, correct = sample(4000, 2, low=2)
    told = estimate(table, confidence, 0)
    assert told.value == pytest.approx(correct.mean(), abs=0.03)
    assert told.value < estimate(table, sample(4000, 3)[0], 0).value - 0.1


def test_a_table_that_falls_is_pooled() -> None:
    told = calibration_of(
        {
            "index": "margin",
            "bins": [{"from": 0, "to": 0.5, "rows": 100, "correct": 60}, {"from": 0.5, "to": 1, "rows": 100, "correct": 40}],
        },
        "model.json",
    )
    low, high = told.probability(np.array([0.2, 0.9]))
    assert low == high == pytest.approx(0.5)


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        {"bins": []},
        {"bins": [{"from": 0, "to": 1, "rows": 1, "correct": 2}]},
        {"bins": [{"from": 0.5, "to": 0.2, "rows": 2, "correct": 1}]},
    ],
)
def test_a_table_that_is_none_is_refused(wrong: object) -> None:
    with pytest.raises(BadInput, match=r"model\.json: calibration"):
        calibration_of(wrong, "model.json")


def test_the_interval_of_what_is_observed_is_that_of_wilson() -> None:
    told = observed(np.array([True] * 8 + [False] * 2))
    # Computed by hand: (8 + 1.92) / (10 + 3.84) ± 1.96 sqrt(1.6 + 0.96) / 13.84.
    assert (told.low, told.high) == pytest.approx((0.4902, 0.9433), abs=1e-4)

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


def points(*found: tuple[float, float, int]) -> dict[str, object]:
    return {"index": "margin", "points": [{"confidence": c, "probability": p, "rows": n} for c, p, n in found]}


def test_between_points_it_is_read_on_a_straight_line() -> None:
    told = calibration_of(points((0.2, 0.4, 50), (0.6, 0.8, 50)), "model.json")
    assert told.probability(np.array([0.0, 0.2, 0.4, 0.6, 1.0])) == pytest.approx([0.4, 0.4, 0.6, 0.8, 0.8])


def test_points_that_fall_are_pooled() -> None:
    told = calibration_of(points((0.2, 0.6, 300), (0.9, 0.4, 100)), "model.json")
    assert told.probability(np.array([0.2, 0.9])) == pytest.approx([0.55, 0.55])


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        {"points": []},
        points((0.5, 1.2, 5)),
        points((0.5, 0.5, 0)),
        points((0.5, 0.5, 5), (0.4, 0.5, 5)),
        {"points": [{"confidence": 0}]},
    ],
)
def test_a_calibration_that_is_none_is_refused(wrong: object) -> None:
    with pytest.raises(BadInput, match=r"model\.json: calibration"):
        calibration_of(wrong, "model.json")


def test_the_interval_of_what_is_observed_is_that_of_wilson() -> None:
    told = observed(np.array([True] * 8 + [False] * 2))
    # Computed by hand: (8 + 1.92) / (10 + 3.84) ± 1.96 sqrt(1.6 + 0.96) / 13.84.
    assert (told.low, told.high) == pytest.approx((0.4902, 0.9433), abs=1e-4)

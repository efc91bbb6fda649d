"""Accuracy from confidences alone: a calibration tells how often answers of a confidence are right."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.optimize
import scipy.stats
from numpy.typing import NDArray

from .problems import BadInput

LEAST_ANNOTATED = 100
"""Annotated rows below which no table is made of them, and none is checked."""


@dataclass(frozen=True)
class Calibration:
    """How often answers of a confidence are right, of data that the model has not learned from: points with a straight line between them."""

    confidence: NDArray[np.float64]
    """Mean confidence of each point, rising."""
    share: NDArray[np.float64]
    """Share of right answers."""
    rows: NDArray[np.float64]
    source: str

    def probability(self, confidence: NDArray[np.float64], random: np.random.Generator | None = None) -> NDArray[np.float64]:
        """How probably an answer of this confidence is right; with `random` as another sample of the same size would tell.

        Never falls with the confidence: points are pooled until that holds (isotonic regression, weighted by rows).
        """
        share = self.share
        if random is not None:
            share = random.beta(share * self.rows + 0.5, (1 - share) * self.rows + 0.5)
        rising = scipy.optimize.isotonic_regression(share, weights=self.rows).x
        told: NDArray[np.float64] = np.interp(confidence, self.confidence, rising)
        return told


def calibration_of(told: Any, source: str) -> Calibration:
    """Reads the `calibration` of a model.json, which `training/` writes: `{"index": "margin", "points": [{"confidence": 0.1, "probability": 0.3,
    "rows": 12}, …]}`.

    :raises BadInput: when it is none
    """
    try:
        points = told["points"]
        confidence, share, rows = (np.array([float(one[name]) for one in points]) for name in ("confidence", "probability", "rows"))
        if len(points) == 0 or np.any(np.diff(confidence) < 0) or np.any(rows <= 0) or np.any(share < 0) or np.any(share > 1):
            raise ValueError("confidences must rise, rows be above 0, and probabilities from 0 to 1")
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(
            [
                f"{source}: calibration is {json.dumps(told)[:80]}: expected an index and points with confidence, probability and rows ({error!r})"
            ]
        ) from error
    return Calibration(confidence, share, rows, source)


def calibrate(
    confidence: NDArray[np.float64], correct: NDArray[np.bool_], source: str, most: int = 20, least_rows: int = 15
) -> Calibration:
    """Points out of annotated rows, of as many rows each."""
    order = np.argsort(confidence, kind="stable")
    parts = np.array_split(order, max(1, min(most, len(order) // least_rows)))
    means = np.array([[confidence[part].mean(), correct[part].mean(), len(part)] for part in parts]).T
    return Calibration(means[0], means[1], means[2], source)


@dataclass(frozen=True)
class Estimate:
    """An accuracy with its band of 95 %."""

    value: float
    low: float
    high: float
    rows: int


def estimate(calibration: Calibration, confidence: NDArray[np.float64], seed: int, resamples: int = 200) -> Estimate:
    """Accuracy of rows from their confidences, while what descriptions mean has not changed. The band holds the chance of the rows, of the
    answers, and of the calibration."""
    random = np.random.default_rng(seed)
    drawn = []
    for _ in range(resamples):
        resampled = random.choice(confidence, len(confidence))
        drawn.append(np.mean(random.random(len(confidence)) < calibration.probability(resampled, random)))
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Estimate(float(calibration.probability(confidence).mean()), float(low), float(high), len(confidence))


def observed(correct: NDArray[np.bool_]) -> Estimate:
    """Accuracy of annotated rows, with the interval of Wilson."""
    result = scipy.stats.binomtest(int(correct.sum()), len(correct))
    interval = result.proportion_ci(method="wilson")
    return Estimate(float(correct.mean()), float(interval.low), float(interval.high), len(correct))

"""Accuracy from confidences alone: a calibration table tells how often answers of a confidence are right."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.stats
from numpy.typing import NDArray

from .problems import BadInput

LEAST_ANNOTATED = 100
"""Annotated rows below which no table is made of them, and none is checked."""


@dataclass(frozen=True)
class Calibration:
    """Rows and right answers of a model by bins of confidence; of data that it has not learned from."""

    edges: NDArray[np.float64]
    """One more than bins, from 0 to 1."""
    rows: NDArray[np.float64]
    correct: NDArray[np.float64]
    source: str

    def probability(self, confidence: NDArray[np.float64], random: np.random.Generator | None = None) -> NDArray[np.float64]:
        """How probably an answer of this confidence is right; with `random` as another sample of the same size would tell.

        Never falls with the confidence: bins are pooled until that holds (isotonic regression, weighted by rows).
        """
        right = self.correct + 0.5
        share = right / (self.rows + 1) if random is None else random.beta(right, self.rows - self.correct + 0.5)
        rising = _isotonic(share, self.rows + 1)
        return rising[self.place(confidence)]

    def place(self, confidence: NDArray[np.float64]) -> NDArray[np.intp]:
        """Bins of confidences."""
        return np.clip(np.searchsorted(self.edges, confidence, side="right") - 1, 0, len(self.rows) - 1)


def _isotonic(values: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    import scipy.optimize

    result: NDArray[np.float64] = scipy.optimize.isotonic_regression(values, weights=weights).x
    return result


def calibration_of(told: Any, source: str) -> Calibration:
    """Reads the `calibration` of a model.json: `{"index": "margin", "bins": [{"from": 0, "to": 0.1, "rows": 12, "correct": 3}, …]}`.

    :raises BadInput: when it is none
    """
    try:
        bins = told["bins"]
        edges = [float(bins[0]["from"]), *(float(one["to"]) for one in bins)]
        rows, correct = ([float(one[name]) for one in bins] for name in ("rows", "correct"))
    except (KeyError, TypeError, IndexError, ValueError) as error:
        raise BadInput(
            [f"{source}: calibration is {json.dumps(told)[:80]}: expected an index and bins with from, to, rows and correct ({error!r})"]
        ) from error
    if edges != sorted(set(edges)) or any(a > b for a, b in zip(correct, rows, strict=True)):
        raise BadInput([f"{source}: calibration: edges must rise, and correct be at most rows"])
    return Calibration(np.array(edges), np.array(rows), np.array(correct), source)


def calibrate(confidence: NDArray[np.float64], correct: NDArray[np.bool_], source: str, bins: int = 10) -> Calibration:
    """A table out of annotated rows: bins with as many rows each."""
    inner = np.unique(np.quantile(confidence, np.linspace(0, 1, bins + 1)[1:-1]))
    edges = np.array([0.0, *(float(edge) for edge in inner if 0 < edge < 1), 1.0])
    empty = Calibration(edges, np.zeros(len(edges) - 1), np.zeros(len(edges) - 1), source)
    place = empty.place(confidence)
    rows = np.bincount(place, minlength=len(edges) - 1).astype(float)
    return Calibration(edges, rows, np.bincount(place, weights=correct, minlength=len(edges) - 1), source)


@dataclass(frozen=True)
class Estimate:
    """An accuracy with its band of 95 %."""

    value: float
    low: float
    high: float
    rows: int


def estimate(calibration: Calibration, confidence: NDArray[np.float64], seed: int, resamples: int = 200) -> Estimate:
    """Accuracy of rows from their confidences, while what descriptions mean has not changed. The band holds the chance of the rows, of the
    answers, and of the calibration table."""
    random = np.random.default_rng(seed)
    place = calibration.place(confidence)
    counts = np.bincount(place, minlength=len(calibration.rows))
    middles = (calibration.edges[:-1] + calibration.edges[1:]) / 2
    drawn = []
    for _ in range(resamples):
        share = calibration.probability(middles, random)
        drawn.append(
            random.binomial(random.multinomial(len(confidence), counts / counts.sum()), np.clip(share, 0, 1)).sum() / len(confidence)
        )
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Estimate(float(calibration.probability(confidence).mean()), float(low), float(high), len(confidence))


def observed(correct: NDArray[np.bool_]) -> Estimate:
    """Accuracy of annotated rows, with the interval of Wilson."""
    result = scipy.stats.binomtest(int(correct.sum()), len(correct))
    interval = result.proportion_ci(method="wilson")
    return Estimate(float(correct.mean()), float(interval.low), float(interval.high), len(correct))

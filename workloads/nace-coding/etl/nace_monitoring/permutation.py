"""Thresholds and p-values for the rows that there are: the rows of both windows are dealt out anew again and again, all aspects of a row
together, so that what is found by chance is counted, at any number of rows and bins and however much aspects depend on each other."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from .features import Aspect
from .metrics import METRICS, Counts

BLOCK = 64
"""Permutations at once: bounds the memory."""


@dataclass(frozen=True)
class Measured:
    """A metric of an aspect: its value, and what chance makes of it."""

    value: float
    threshold: float
    """What chance exceeds with the probability alpha."""
    p_value: float


@dataclass(frozen=True)
class Compared:
    """An aspect compared."""

    aspect: Aspect
    reference: Counts
    current: Counts
    metrics: dict[str, Measured]
    p_value: float
    """Of the primary metric, adjusted for the number of aspects (Westfall and Young)."""
    excess: float
    """Jensen-Shannon distance beyond what chance makes on average: how great the change is, whatever the number of rows."""


def compare(
    aspects: list[Aspect], reference_rows: int, alpha: float, permutations: int, seed: int, all_metrics: bool = True
) -> tuple[float, list[Compared]]:
    """Compares the first rows with the others.

    :param all_metrics: False leaves out what decides nothing
    :returns: the p-value of "nothing has changed" over all aspects, and the aspects
    """
    rows = aspects[0].matrix.shape[0]
    joined = sparse.hstack([aspect.matrix for aspect in aspects]).tocsr()
    of_window = np.zeros(rows, np.float32)
    of_window[reference_rows:] = 1
    total = np.asarray(joined.sum(axis=0), np.float64).ravel()
    drawn = _permuted(joined, of_window, permutations, seed)
    # The window itself stands first: under the null hypothesis it is one permutation as any other.
    current = np.column_stack([np.asarray(joined.T @ of_window, np.float64), drawn])
    compared, statistics, start = [], [], 0
    for aspect in aspects:
        end = start + aspect.matrix.shape[1]
        b = current[start:end]
        a = total[start:end, None] - b
        start = end
        values = {name: metric(a, b) for name, metric in METRICS.items() if _asked(name, aspect, all_metrics)}
        statistics.append(values[aspect.primary])
        distance = values["jensen_shannon"]
        compared.append((aspect, a[:, 0], b[:, 0], values, float(np.sqrt(max(0.0, distance[0] ** 2 - (distance[1:] ** 2).mean())))))
    overall, adjusted = _adjust(np.array(statistics))
    return overall, [
        Compared(
            aspect,
            a,
            b,
            {
                name: Measured(float(value[0]), float(np.quantile(value, 1 - alpha, method="higher")), _p_value(value))
                for name, value in values.items()
            },
            p_value,
            excess,
        )
        for (aspect, a, b, values, excess), p_value in zip(compared, adjusted, strict=True)
    ]


def _asked(metric: str, aspect: Aspect, all_metrics: bool) -> bool:
    if metric == "kolmogorov_smirnov" and not aspect.ordered:
        return False
    return all_metrics or metric in (aspect.primary, "jensen_shannon")


def _permuted(joined: sparse.csr_matrix, of_window: NDArray[np.float32], permutations: int, seed: int) -> Counts:
    """Counts of the current window in each permutation."""
    random = np.random.default_rng(seed)
    transposed = joined.T.tocsr()
    blocks = []
    for start in range(0, permutations, BLOCK):
        dealt = np.tile(of_window, (min(BLOCK, permutations - start), 1))
        random.permuted(dealt, axis=1, out=dealt)
        blocks.append(np.asarray(transposed @ np.ascontiguousarray(dealt.T), np.float64))
    return np.hstack(blocks)


def _p_value(values: NDArray[np.float64]) -> float:
    """Share of the permutations, the window itself among them, that are as far or farther."""
    return float(np.mean(values >= values[0] - 1e-12))


def _adjust(statistics: NDArray[np.float64]) -> tuple[float, list[float]]:
    """Over all aspects and for each: how often the least p-value of a permutation is as small. Of equally small ones the farther, in
    standard deviations, counts as smaller."""
    count = statistics.shape[1]
    order = np.sort(statistics, axis=1)
    p_values = np.array(
        [(count - np.searchsorted(row, values - 1e-12, side="left")) / count for row, values in zip(order, statistics, strict=True)]
    )
    spread = statistics.std(axis=1, keepdims=True)
    far = (statistics - statistics.mean(axis=1, keepdims=True)) / np.where(spread == 0, 1, spread)
    least, farthest = p_values.min(axis=0), far.max(axis=0)
    smaller = (least < least[0] - 1e-12) | ((np.abs(least - least[0]) <= 1e-12) & (farthest >= farthest[0] - 1e-9))
    return float(np.mean(smaller)), [float(np.mean(least <= p + 1e-12)) for p in p_values[:, 0]]

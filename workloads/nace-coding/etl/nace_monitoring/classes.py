"""Which classes and words have become more or less frequent, with the false discovery rate held over all of them."""

from dataclasses import dataclass

import numpy as np
import scipy.stats

from .features import Aspect
from .metrics import Counts

LEAST_ROWS = 10
"""Rows of both windows together below which nothing is said of a class."""


@dataclass(frozen=True)
class Change:
    """A class whose share has changed."""

    name: str
    reference_share: float
    current_share: float
    p_value: float
    adjusted: float
    """By Benjamini and Hochberg over the classes that were tested."""


def changes(
    aspect: Aspect, reference: Counts, current: Counts, reference_rows: int, current_rows: int, alpha: float
) -> tuple[list[Change], int, int]:
    """The classes that have changed at the false discovery rate alpha, the surest first; how many were tested; and how many have too few rows.

    A class is tested by the exact distribution of its rows among the windows (hypergeometric, both sides).
    """
    total = reference + current
    tested = np.flatnonzero(total >= LEAST_ROWS)
    rare = int(np.count_nonzero(total) - len(tested))
    if len(tested) == 0:
        return [], 0, rare
    rows = reference_rows + current_rows
    chance = scipy.stats.hypergeom(rows, total[tested].astype(int), current_rows)
    p_values = np.minimum(1.0, 2 * np.minimum(chance.cdf(current[tested]), chance.sf(current[tested] - 1)))
    adjusted = scipy.stats.false_discovery_control(p_values)
    found = [
        Change(aspect.names[place], float(reference[place] / reference_rows), float(current[place] / current_rows), float(p), float(q))
        for place, p, q in zip(tested, p_values, adjusted, strict=True)
        if q <= alpha
    ]
    return sorted(found, key=lambda change: (change.adjusted, change.name)), len(tested), rare

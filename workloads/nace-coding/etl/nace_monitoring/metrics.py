"""Distances between two binned distributions: `a` are counts of the reference, `b` of the current window, bins along the first axis. Further
axes are further pairs, so that a thousand permutations cost one call."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.float64]
Values = NDArray[np.float64]

SMOOTHING = 0.5
"""What is added to each count where a logarithm of a quotient is taken (Jeffreys)."""


def shares(counts: Counts) -> Values:
    """Counts as shares of their sum; a sum of nothing gives nothing."""
    total = counts.sum(axis=0)
    return counts / np.where(total == 0, 1, total)


def smoothed(counts: Counts) -> Values:
    """The same with no share of 0. Bins that nobody could fill are to be left out before."""
    return shares(counts + SMOOTHING)


def bhattacharyya(a: Counts, b: Counts) -> Values:
    """-ln of the coefficient, 0 and up; without a common bin as if the coefficient were 1e-300."""
    return np.maximum(0.0, -np.log(np.maximum(1e-300, np.sqrt(shares(a) * shares(b)).sum(axis=0))))


def hellinger(a: Counts, b: Counts) -> Values:
    """0 to 1."""
    return np.sqrt(np.clip(1 - np.sqrt(shares(a) * shares(b)).sum(axis=0), 0, 1))


def kullback_leibler(a: Counts, b: Counts) -> Values:
    """Of the current window from the reference, in nats, smoothed."""
    p, q = smoothed(b), smoothed(a)
    return (p * np.log(p / q)).sum(axis=0)


def jensen_shannon(a: Counts, b: Counts) -> Values:
    """The distance: the root of the divergence in nats, 0 to 0.8326."""
    p, q = shares(a), shares(b)
    middle = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        one = np.where(p > 0, p * np.log(p / middle), 0)
        other = np.where(q > 0, q * np.log(q / middle), 0)
    return np.sqrt(np.maximum(0, (one + other).sum(axis=0) / 2))


def population_stability(a: Counts, b: Counts) -> Values:
    """The population stability index, smoothed."""
    p, q = smoothed(a), smoothed(b)
    return ((q - p) * np.log(q / p)).sum(axis=0)


def kolmogorov_smirnov(a: Counts, b: Counts) -> Values:
    """The greatest distance of the two distribution functions at the ends of the bins, which have an order."""
    return np.abs(np.cumsum(shares(a), axis=0) - np.cumsum(shares(b), axis=0)).max(axis=0)


def chi_squared(a: Counts, b: Counts) -> Values:
    """The statistic of two samples; bins without counts say nothing."""
    n, m = a.sum(axis=0), b.sum(axis=0)
    quotient = np.sqrt(np.where(n == 0, 1, m) / np.where(n == 0, 1, n))
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(a + b > 0, (quotient * a - b / np.where(quotient == 0, 1, quotient)) ** 2 / (a + b), 0)
    return terms.sum(axis=0)


def greatest_difference(a: Counts, b: Counts) -> Values:
    """L-infinity: the greatest difference of a share."""
    return np.abs(shares(a) - shares(b)).max(axis=0)


METRICS: dict[str, Callable[[Counts, Counts], Values]] = {
    "bhattacharyya": bhattacharyya,
    "hellinger": hellinger,
    "kullback_leibler": kullback_leibler,
    "jensen_shannon": jensen_shannon,
    "population_stability": population_stability,
    "kolmogorov_smirnov": kolmogorov_smirnov,
    "chi_squared": chi_squared,
    "l_infinity": greatest_difference,
}

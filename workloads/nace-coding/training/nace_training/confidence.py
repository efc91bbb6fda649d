"""What is read off the probabilities of an answer."""

from __future__ import annotations

from collections.abc import Sequence

Predictions = list[tuple[str, float]]
"""Codes and their probabilities, the best first."""

INDEX = "margin"


def margin(predictions: Predictions) -> float:
    """The probability of the best code less that of the second, at most 1; 0 when there is none."""
    if not predictions:
        return 0.0
    second = predictions[1][1] if len(predictions) > 1 else 0.0
    return min(1.0, predictions[0][1] - second)


def isotonic(values: Sequence[float], weights: Sequence[int]) -> list[float]:
    """The non-decreasing sequence nearest to another by weighted squares (pool adjacent violators)."""
    pools: list[tuple[float, int, int]] = []
    for value, weight in zip(values, weights, strict=True):
        pools.append((value, weight, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (low, low_weight, low_count), (high, high_weight, high_count) = pools[-2:]
            total = low_weight + high_weight
            pools[-2:] = [((low * low_weight + high * high_weight) / total, total, low_count + high_count)]
    return [value for value, _, count in pools for _ in range(count)]

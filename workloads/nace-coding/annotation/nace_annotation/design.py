"""
The design of the sample: which form is chosen with what probability, and for what reason.

Each reason spreads its share of the budget over the forms by weights. A form's inclusion probability is what the reasons give it
together, at most 1. Systematic sampling over an order that the seed makes at random then chooses exactly as many forms as the
probabilities sum to, each with its own. So every form that was not asked before has a known chance that is not zero, and whatever is
estimated from the answers with weights 1 / probability (Horvitz and Thompson) is unbiased. The rows whose reason is `random` all had
the same probability: their plain mean is.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

REASONS = ("random", "margin", "coverage", "disagreement")


@dataclass(frozen=True)
class Plan:
    """Inclusion probabilities, and of each reason the part that it has in them."""

    probabilities: Floats
    parts: dict[str, Floats]


def plan(budget: int, shares: dict[str, float], weights: dict[str, Floats]) -> Plan:
    """
    Spreads a budget.

    :param shares: of each reason, together 1; the share of a reason that weighs nothing goes to `random`
    :param weights: of each reason and form, 0 or more
    """
    size = len(weights["random"])
    if size == 0:
        empty = np.zeros(0)
        return Plan(empty, dict.fromkeys(REASONS, empty))
    if budget >= size:
        return Plan(np.ones(size), {reason: np.full(size, float(reason == "random")) for reason in REASONS})
    idle = sum(shares[reason] for reason in REASONS if weights[reason].sum() <= 0)
    parts = {}
    for reason in REASONS:
        total = float(weights[reason].sum())
        share = shares[reason] + (idle if reason == "random" else 0.0)
        parts[reason] = weights[reason] / total * share * budget if total > 0 else np.zeros(size)
    wanted = np.sum([parts[reason] for reason in REASONS], axis=0)
    # What cannot be used above 1 goes to the others, of which again some reach 1.
    certain = np.zeros(size, dtype=bool)
    scale = 1.0
    while True:
        scale = (budget - int(certain.sum())) / float(wanted[~certain].sum())
        reached = ~certain & (wanted * scale >= 1)
        if not reached.any():
            break
        certain |= reached
    return Plan(np.where(certain, 1.0, wanted * scale), parts)


def choose(probabilities: Floats, start: float) -> npt.NDArray[np.int64]:
    """
    Systematic sampling: the places that the points start, start + 1, ... fall into on the cumulated probabilities.

    :param start: from 0 up to but without 1
    """
    ends = np.cumsum(probabilities)
    if len(ends) == 0:
        return np.zeros(0, dtype=np.int64)
    # The sum is a whole number but for rounding, and no point may fall behind it.
    count = round(float(ends[-1]))
    ends = ends * (count / ends[-1])
    ends[-1] = count
    return np.unique(np.searchsorted(ends, start + np.arange(count), side="right")).astype(np.int64)


def reasons(chosen: Plan, places: npt.NDArray[np.int64], draws: Floats) -> list[str]:
    """
    The reason of each chosen form. `random` is drawn with the probability that makes its rows a sample in which all forms were equally
    likely; the others in proportion to their parts.

    :param draws: a number for each place, from 0 up to but without 1
    """
    found = []
    for place, draw in zip(places, draws, strict=True):
        inclusion = chosen.probabilities[place]
        by_random = min(1.0, float(chosen.parts["random"][place]) / inclusion)
        if draw < by_random or by_random >= 1:
            found.append("random")
            continue
        others = np.array([chosen.parts[reason][place] for reason in REASONS[1:]])
        if others.sum() <= 0:
            found.append("random")
            continue
        point = (draw - by_random) / (1 - by_random)
        at = int(np.searchsorted(np.cumsum(others / others.sum()), point, side="right"))
        found.append(REASONS[1 + min(at, len(others) - 1)])
    return found

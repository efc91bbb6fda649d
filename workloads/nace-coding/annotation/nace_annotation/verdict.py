"""From what several people said to one code, and how far they agree."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import krippendorff
import numpy as np

from .answers import Vote
from .nomenclature import UNCLASSIFIABLE, Codes

Outcome = Literal["decided", "unclassifiable", "disagreement", "pending"]


@dataclass(frozen=True)
class Verdict:
    """What became of one form."""

    id: str
    outcome: Outcome
    code: str | None
    annotators: tuple[str, ...]
    at: str
    annotations: int
    agreement: float


def judge(votes: list[Vote], minimum: int, expected: int) -> Verdict:
    """
    The code that more than half of the people gave.

    :param votes: of one form
    :param minimum: of votes below which nothing is decided
    :param expected: of votes from which no more will come
    """
    valid = [vote for vote in votes if vote.code is not None]
    counts = Counter(vote.code for vote in valid)
    code, top = min(counts.items(), key=lambda each: (-each[1], each[0] or "")) if counts else (None, 0)
    has_majority = top * 2 > len(valid) and len(valid) >= minimum
    if not has_majority:
        outcome: Outcome = "disagreement" if len(valid) >= max(expected, minimum) and len(counts) > 1 else "pending"
    else:
        outcome = "unclassifiable" if code == UNCLASSIFIABLE else "decided"
    agreeing = [vote for vote in valid if vote.code == code]
    return Verdict(
        id=votes[0].id,
        outcome=outcome,
        code=code if outcome == "decided" else None,
        annotators=tuple(sorted({vote.annotator for vote in agreeing})),
        at=max((vote.at for vote in agreeing), default=""),
        annotations=len(valid),
        agreement=top / len(valid) if valid else 0.0,
    )


def judge_all(votes: Iterable[Vote], minimum: int, expected: int) -> dict[str, Verdict]:
    """The verdict on each form."""
    by_form = defaultdict(list)
    for vote in votes:
        by_form[vote.id].append(vote)
    return {number: judge(by_form[number], minimum, expected) for number in sorted(by_form)}


def alpha(votes: Iterable[Vote], codes: Codes, level: int | None) -> float | None:
    """
    Krippendorff's alpha for nominal values: 1 when all agree, 0 when they agree as chance would have it. None when it is not defined:
    nobody answered what another one answered too, or all gave the same.

    :param level: depth in the nomenclature from 0, the section; None for the code
    """
    by_form = defaultdict(list)
    for vote in votes:
        if vote.code is not None:
            entry = codes.entries.get(vote.code)
            value = entry.levels[min(level, len(entry.levels) - 1)] if entry and level is not None else vote.code
            by_form[vote.id].append(value)
    shared = [values for _, values in sorted(by_form.items()) if len(values) > 1]
    domain = sorted({value for values in shared for value in values})
    if len(domain) < 2:
        return None
    counts = np.array([[values.count(value) for value in domain] for values in shared])
    return round(float(krippendorff.alpha(value_counts=counts, level_of_measurement="nominal")), 6)

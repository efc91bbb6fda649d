"""How well a model codes what it has not learned from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

from .confidence import INDEX, Predictions, isotonic, margin
from .data import Example
from .nomenclatures import Nomenclature

BINS = 20


class Coder(Protocol):
    """What codes forms."""

    def code(self, queries: Sequence[dict[str, str | None]]) -> list[Predictions]:
        """The five best codes of each form; none for one without words."""
        ...


@dataclass(frozen=True)
class Evaluation:
    """Forms, their codes, and what a model said."""

    nomenclature: Nomenclature
    truths: tuple[str, ...]
    answers: tuple[Predictions, ...]

    @property
    def rows(self) -> int:
        """Number of forms."""
        return len(self.truths)

    @property
    def margins(self) -> list[float]:
        """Confidence in each answer."""
        return [margin(answer) for answer in self.answers]

    def _levels(self, code: str) -> list[str]:
        return self.nomenclature.labels[code]["levels"]

    def right(self, level: int, best: int = 1) -> list[bool]:
        """Whether one of the best codes belongs to the same unit of a level; level 1 is the section."""
        return [
            any(self._levels(code)[level - 1] == self._levels(truth)[level - 1] for code, _ in answer[:best])
            for truth, answer in zip(self.truths, self.answers, strict=True)
        ]

    def credits(self, level: int, best: int = 1) -> list[float]:
        """What each form counts: 1 when it is right."""
        return [float(each) for each in self.right(level, best)]

    def accuracy(self, level: int, best: int = 1) -> float:
        """Share of forms that are right."""
        return sum(self.credits(level, best)) / self.rows

    def metrics(self, prefix: str = "") -> dict[str, float]:
        """`accuracy_level_1` to the finest, the same with `top5_` before it, and `accuracy`, which is that of the finest."""
        levels = range(1, self.nomenclature.depth + 1)
        top1 = {f"{prefix}accuracy_level_{level}": self.accuracy(level) for level in levels}
        top5 = {f"{prefix}top5_accuracy_level_{level}": self.accuracy(level, 5) for level in levels}
        return top1 | top5 | {f"{prefix}accuracy": self.accuracy(self.nomenclature.depth)}

    def by_section(self, level: int) -> dict[str, tuple[int, float]]:
        """Number of forms and accuracy at a level, by section."""
        found: dict[str, list[float]] = {}
        for truth, credit in zip(self.truths, self.credits(level), strict=True):
            found.setdefault(self._levels(truth)[0], []).append(credit)
        return {section: (len(each), sum(each) / len(each)) for section, each in sorted(found.items())}

    def calibration(self) -> dict[str, Any]:
        """
        What a confidence is worth: points of equally many forms, with their mean confidence and the probability that such an answer is
        right, never falling. Between points it is read on the straight line, outside them it stays.
        """
        pairs = sorted(zip(self.margins, self.right(self.nomenclature.depth), strict=True))
        count = max(1, min(BINS, len(pairs) // 15))
        cuts = [len(pairs) * at // count for at in range(count + 1)]
        bins = [pairs[first:last] for first, last in pairwise(cuts)]
        shares = [sum(right for _, right in each) / len(each) for each in bins]
        smoothed = isotonic(shares, [len(each) for each in bins])
        points = [
            {"confidence": sum(value for value, _ in each) / len(each), "probability": share, "rows": len(each)}
            for each, share in zip(bins, smoothed, strict=True)
        ]
        return {"index": INDEX, "rows": len(pairs), "points": points}

    def histogram(self) -> list[dict[str, float]]:
        """Right and wrong answers by confidence, in equal bins from 0 to 1."""
        bins = [{"from": at / BINS, "to": (at + 1) / BINS, "right": 0, "wrong": 0} for at in range(BINS)]
        for value, right in zip(self.margins, self.right(self.nomenclature.depth), strict=True):
            bins[min(BINS - 1, int(value * BINS))]["right" if right else "wrong"] += 1
        return bins

    def curve(self) -> list[dict[str, float]]:
        """
        Accuracy by the rate of automatic coding, in percent: of what is coded automatically, and of all when people code the rest and are
        right; with the threshold that gives that rate.
        """
        ranked = sorted(zip(self.margins, self.right(self.nomenclature.depth), strict=True), key=lambda pair: -pair[0])
        points = []
        for percent in range(5, 101, 5):
            count = max(1, round(self.rows * percent / 100))
            right = sum(each for _, each in ranked[:count])
            points.append(
                {
                    "automatic_percent": float(percent),
                    "threshold": ranked[count - 1][0],
                    "accuracy_automatic": right / count,
                    "accuracy_with_people": (right + self.rows - count) / self.rows,
                }
            )
        return points


def evaluate(coder: Coder, nomenclature: Nomenclature, examples: Sequence[Example]) -> Evaluation:
    """Asks a model about forms whose code is known."""
    answers = coder.code([each.query() for each in examples])
    return Evaluation(nomenclature, tuple(each.code for each in examples), tuple(answers))

"""
Prints the accuracy on the held-out phrases with the preprocessing and without any, as a table:
python -m nace_training.comparison naf2 nace2
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

from .classifier import Classifier
from .cli import SPEC
from .data import build
from .evaluation import evaluate
from .nomenclatures import nomenclature
from .parameters import Parameters
from .preprocess import Preprocessor, read_spec

LEVELS = 5
"""Of the table; a nomenclature without sub-classes has one less."""


class Untouched(Preprocessor):
    """Gives the description to fastText as it was written, on one line."""

    def read(self, query: Mapping[str, str | None]) -> str:
        """The text itself."""
        return " ".join((query.get("text") or "").split())


def rows(name: str) -> list[str]:
    """A line for each way to read a description: best of one and of five at every level, on test and gold together."""
    spec = read_spec(SPEC)
    coded = nomenclature(name)
    dataset = build(coded, Preprocessor(spec))
    held_out = dataset.of("test") + dataset.of("gold")
    lines = []
    for title, preprocessor in (("`preprocess.json`", Preprocessor(spec)), ("none", Untouched(spec))):
        classifier = Classifier.train(dataset.of("train"), preprocessor, Parameters())
        evaluation = evaluate(classifier, coded, held_out)
        cells = [f"{evaluation.accuracy(level):.3f} / {evaluation.accuracy(level, 5):.3f}" for level in range(1, coded.depth + 1)]
        cells += ["–"] * (LEVELS - coded.depth)
        lines.append(f"| {coded.name} | {title} | {len(held_out)} | {' | '.join(cells)} |")
    return lines


if __name__ == "__main__":
    for each in sys.argv[1:]:
        print("\n".join(rows(each)), flush=True)

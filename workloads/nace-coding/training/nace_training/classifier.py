"""The preprocessing and fastText as one thing."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import fasttext

from .confidence import Predictions
from .data import Example
from .errors import UserError
from .parameters import Parameters
from .preprocess import Preprocessor

BEST = 5
"""How many codes an answer has."""


class Classifier:
    """Codes forms."""

    def __init__(self, model: Any, preprocessor: Preprocessor, label_prefix: str) -> None:
        self.model = model
        self.preprocessor = preprocessor
        self._prefix = label_prefix

    @staticmethod
    def train(examples: Sequence[Example], preprocessor: Preprocessor, parameters: Parameters) -> Classifier:
        """
        Learns from examples.

        :raises UserError: when no example has a word, or when fastText refuses the parameters
        """
        texts = [(each.code, preprocessor.read(each.query())) for each in examples]
        lines = [f"{parameters.label_prefix}{code} {text}\n" for code, text in texts if text]
        if not lines:
            raise UserError("nothing to learn from: no example has a word after the preprocessing. Give other data or another one.")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "train.txt")
            path.write_text("".join(lines), encoding="utf-8")
            try:
                model = fasttext.train_supervised(input=str(path), verbose=0, **parameters.for_fasttext())
            except (RuntimeError, ValueError) as error:
                raise UserError(f"fastText refuses {parameters}: {error}") from error
        return Classifier(model, preprocessor, parameters.label_prefix)

    @staticmethod
    def load(path: Path, preprocessor: Preprocessor, label_prefix: str) -> Classifier:
        """Reads a model file."""
        return Classifier(fasttext.load_model(str(path)), preprocessor, label_prefix)

    def code_text(self, text: str, best: int = BEST) -> Predictions:
        """The best codes of what the preprocessing left; none when it left nothing."""
        if not text:
            return []
        labels, probabilities = self.model.predict(text, k=best)
        return [(label.removeprefix(self._prefix), float(probability)) for label, probability in zip(labels, probabilities, strict=True)]

    def code(self, queries: Sequence[dict[str, str | None]]) -> list[Predictions]:
        """The best codes of each form; none for one without words."""
        return [self.code_text(self.preprocessor.read(query)) for query in queries]

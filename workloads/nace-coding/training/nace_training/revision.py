"""A model that codes in the nomenclature before a revision, judged in the one after it: by the concordance of the two."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import mlflow
from mlflow.exceptions import MlflowException

from .data import Example, group_of
from .errors import UserError
from .evaluation import Coder, Evaluation, evaluate
from .nomenclatures import Nomenclature
from .preprocess import Preprocessor
from .tables import read_table


@dataclass(frozen=True)
class Recoded(Evaluation):
    """
    What a model said in the old nomenclature about forms whose code in the new one is known. A code that was split counts by the share of its
    successors that is right: as often as one that is drawn among them would be.
    """

    successors: Mapping[str, Sequence[str]]

    def _right_successors(self, level: int) -> list[list[bool]]:
        """Of each form, whether each successor of what the model said is right; none where it said nothing."""
        return [
            [self._levels(code)[level - 1] == self._levels(truth)[level - 1] for code in (self.successors[answer[0][0]] if answer else ())]
            for truth, answer in zip(self.truths, self.answers, strict=True)
        ]

    def credits(self, level: int, best: int = 1) -> list[float]:
        """
        The share of the successors that is right.

        :raises ValueError: for more than the best code, of which nobody could say how to draw
        """
        if best != 1:
            raise ValueError(f"the best {best} codes cannot be recoded: 1 expected")
        return [sum(each) / len(each) if each else 0.0 for each in self._right_successors(level)]

    def least(self, level: int) -> float:
        """Share of the forms of which every successor is right: accuracy if people always chose wrongly among them."""
        return sum(bool(each) and all(each) for each in self._right_successors(level)) / self.rows

    def most(self, level: int) -> float:
        """Share of the forms of which a successor is right: accuracy if people always chose rightly among them."""
        return sum(any(each) for each in self._right_successors(level)) / self.rows

    @property
    def ambiguous(self) -> int:
        """Number of forms of which the model's code has several successors."""
        return sum(bool(answer) and len(self.successors[answer[0][0]]) > 1 for answer in self.answers)


def recode(coder: Coder, successors: Mapping[str, Sequence[str]], nomenclature: Nomenclature, examples: Sequence[Example]) -> Recoded:
    """
    Asks a model of the old nomenclature about forms whose code in the new one is known.

    :param successors: what each of its codes became
    """
    asked = evaluate(coder, nomenclature, examples)
    return Recoded(nomenclature, asked.truths, asked.answers, successors)


def learned(run_id: str, preprocessor: Preprocessor) -> set[str]:
    """
    What a run has learned from, as groups of the same words.

    :raises UserError: when its data are gone
    """
    try:
        path = mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="data/train.parquet")
    except MlflowException as error:
        raise UserError(
            f"run {run_id} has no data/train.parquet, so nothing says which rows of the gold set it has learned: {error}. "
            "Keep the artifacts of the run that the champion was made by."
        ) from error
    return {group_of(preprocessor.words(str(text))) for text in read_table(path)["text"]}


def unseen(examples: Sequence[Example], known: Collection[str], preprocessor: Preprocessor) -> list[Example]:
    """
    The forms that are in none of the groups. What one nomenclature holds out may be a label of the other, which every model of that one has
    learned.
    """
    return [each for each in examples if group_of(preprocessor.words(each.text)) not in known]
